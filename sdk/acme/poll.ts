/** Asking until something is done. */
import { delay } from "../util/abort";
import { backoffMs } from "../util/backoff";
import { TimeoutError } from "../util/errors";
import { internals, type AcmeClient, type AcmeRequestOptions } from "./client";

const FIRST_LOOK_MS = 10;
const BACKOFF = { initialMs: 50, factor: 2, maxMs: 10_000 };
const MIN_WAIT_MS = 1000;
const MAX_WAIT_MS = 60_000;

/** One look at what is waited for. */
export interface Look<T> {
  readonly value: T;
  readonly done: boolean;
  /** What the CA's `Retry-After` names, in epoch milliseconds. */
  readonly retryAt: number | undefined;
}

/**
 * Looks until it is done: soon, because many CAs are done by then; then as the CA's `Retry-After` says, but at least
 * one second and at most one minute later (ZeroSSL says a day, and is done in minutes); without one after 50 ms, and
 * ever less often.
 *
 * There is no time limit but the signal's. If its reason is a {@link TimeoutError}, the one thrown also says what was
 * seen last.
 *
 * @param firstLookMs - how soon the first look is
 * @see RFC 8555 §7.5.1: "the client SHOULD respect the Retry-After header"
 */
export async function poll<T>(
  client: AcmeClient,
  look: () => Promise<Look<T>>,
  describe: (value: T) => string,
  options: AcmeRequestOptions,
  firstLookMs = FIRST_LOOK_MS,
): Promise<T> {
  const { now, random } = client[internals];
  let last: T | undefined;
  try {
    if (firstLookMs > 0) await delay(firstLookMs, options.signal);
    for (let attempt = 0; ; attempt++) {
      const { value, done, retryAt } = await look();
      if (done) return value;
      last = value;
      const waitMs =
        retryAt === undefined
          ? backoffMs(BACKOFF, attempt, random)
          : Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, retryAt - now()));
      await delay(waitMs, options.signal);
    }
  } catch (error) {
    if (!(error instanceof TimeoutError) || last === undefined) throw error;
    throw new TimeoutError(`${error.message}; last seen: ${describe(last)}`, { cause: error });
  }
}
