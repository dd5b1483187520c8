/** Waiting that can be aborted, and deadlines. */
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
 * @param last - what was being done when the time was over, for the message
 * @throws {@link TimeoutError} `what` "took longer than …" after that time.
 */
export async function withDeadline<T>(
  what: string,
  milliseconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  last?: () => string,
): Promise<T> {
  const controller = new AbortController();
  // Many may wait for one deadline; Node warns of a leak from the eleventh listener on.
  setMaxListeners(0, controller.signal);
  const forward = (): void => {
    controller.abort(abortReason(outer));
  };
  if (outer?.aborted === true) forward();
  outer?.addEventListener("abort", forward, { once: true });
  const timer = setTimeout(
    () => {
      const detail = last === undefined ? "" : `; last step: ${last()}`;
      controller.abort(
        new TimeoutError(`${what} took longer than ${String(milliseconds / 1000)} s${detail}`),
      );
    },
    Math.min(milliseconds, MAX_TIMER_MS),
  );
  try {
    return await work(controller.signal);
  } catch (error) {
    // After an abort, libraries throw errors of their own; the signal's reason says more. A TimeoutError of `work` says
    // most: what was seen last.
    throw controller.signal.aborted && !(error instanceof TimeoutError)
      ? abortReason(controller.signal)
      : error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", forward);
  }
}

/** The result of `work`; rejects with the signal's reason as soon as it is aborted. `work` itself is not stopped. */
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
