/** One after the other, for what must not be changed by two at a time. Layer 3. */

const turns = new Map<string, Promise<unknown>>();

/** Runs `work` when all that was asked of the same `key` before has ended, well or not. */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(key) ?? Promise.resolve();
  const mine = before.then(work);
  const settled = mine.catch(() => undefined);
  turns.set(key, settled);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === settled) turns.delete(key);
  }
}
