/** Waiting that can be stopped, and limits on time. Layer 0. */
import { TimeoutError } from "./errors";

/** Resolves after `milliseconds`; rejects with the signal's reason as soon as it is aborted. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(reasonOf(signal));
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Runs `work` with a signal that is aborted after `milliseconds` or with `outer`.
 *
 * @throws {@link TimeoutError} `what` "took longer than …" when the time is over.
 */
export async function withDeadline<T>(
  what: string,
  milliseconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const forward = (): void => {
    controller.abort(reasonOf(outer));
  };
  if (outer?.aborted === true) forward();
  outer?.addEventListener("abort", forward, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new TimeoutError(`${what} took longer than ${String(milliseconds / 1000)} s`));
  }, milliseconds);
  try {
    return await work(controller.signal);
  } catch (error) {
    // What an aborted piece of work throws is whatever its library invented; the reason is ours.
    throw controller.signal.aborted ? reasonOf(controller.signal) : error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", forward);
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("aborted");
}
