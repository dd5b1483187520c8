/** Waiting that can be stopped, and limits on time. */
import { setMaxListeners } from "node:events";

import { TimeoutError } from "./errors";

/** 24 days: a longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Resolves after `milliseconds`; rejects with the signal's reason as soon as it is aborted. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(abortReason(signal));
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
  // Many wait for one deadline at the same time; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, controller.signal);
  const forward = (): void => {
    controller.abort(abortReason(outer));
  };
  if (outer?.aborted === true) forward();
  outer?.addEventListener("abort", forward, { once: true });
  const timer = setTimeout(
    () => {
      controller.abort(
        new TimeoutError(`${what} took longer than ${String(milliseconds / 1000)} s`),
      );
    },
    Math.min(milliseconds, MAX_TIMER_MS),
  );
  try {
    return await work(controller.signal);
  } catch (error) {
    // What an aborted piece of work throws is whatever its library invented; the reason is ours. A TimeoutError of our
    // own says more than the reason: what was seen last.
    throw controller.signal.aborted && !(error instanceof TimeoutError)
      ? abortReason(controller.signal)
      : error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", forward);
  }
}

/** `work`, or the signal's reason as soon as it is aborted; `work` itself goes on unheard. */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: Promise<T>,
): Promise<T> {
  if (signal === undefined) return work;
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(abortReason(signal));
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}

/** Why the signal was aborted, always as an Error. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("aborted");
}
