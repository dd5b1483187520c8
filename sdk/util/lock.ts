/** Taking turns within this process: one run at a time in a directory of a host. */

const last = new Map<string, Promise<void>>();

/**
 * Runs `work` when everybody who came before for one of `keys` is done. Between processes the host's own locks count;
 * here nobody should hold up a shared reload by waiting for them.
 */
export async function withLock<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
  const before = keys.map((key) => last.get(key) ?? Promise.resolve());
  let finish: () => void = () => undefined;
  const own = new Promise<void>((resolve) => (finish = resolve));
  // All at once, and before anything is awaited: nobody can come in between, and so nobody waits in a circle.
  for (const key of keys) last.set(key, own);
  await Promise.all(before);
  try {
    return await work();
  } finally {
    finish();
    for (const key of keys) if (last.get(key) === own) last.delete(key);
  }
}
