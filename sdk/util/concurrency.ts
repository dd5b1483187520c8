/** Limits on what runs at the same time within this process: a semaphore, a lock by name, a map with a limit. */
import { abortReason } from "./abort";

/** First come, first served. */
export interface Semaphore {
  /** Runs `work` as soon as a slot is free. Rejects with the signal's reason if it is aborted before. */
  run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
}

/** @param limit - how many run at once */
export function createSemaphore(limit: number): Semaphore {
  let free = limit;
  const waiting: (() => void)[] = [];

  const acquire = (signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    if (free > 0) {
      free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(abortReason(signal));
      };
      signal?.addEventListener("abort", leave, { once: true });
      waiting.push(enter);
    });
  };
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };

  return {
    async run(signal, work) {
      await acquire(signal);
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}

/** Runs `work` for every item, at most `limit` at once; the results are in the order of the items. */
export function mapConcurrent<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const semaphore = createSemaphore(limit);
  return Promise.all(items.map((item) => semaphore.run(undefined, () => work(item))));
}

/** By name: ends when the last holder so far has finished. */
const lastHolder = new Map<string, Promise<void>>();

/** Runs `work` while it holds the locks of all `keys`, after everybody who asked for one of them before. */
export async function withLock<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
  const before = keys.map((key) => lastHolder.get(key) ?? Promise.resolve());
  let finish: () => void = () => undefined;
  const own = new Promise<void>((resolve) => (finish = resolve));
  // All keys at once, before anything is awaited: so there is no deadlock.
  for (const key of keys) lastHolder.set(key, own);
  await Promise.all(before);
  try {
    return await work();
  } finally {
    finish();
    for (const key of keys) if (lastHolder.get(key) === own) lastHolder.delete(key);
  }
}
