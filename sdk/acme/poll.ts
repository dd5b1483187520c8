/** Polling. */
import { delay } from "../util/abort";
import { backoffMs } from "../util/backoff";
import { TimeoutError } from "../util/errors";
import { internals, type AcmeClient, type AcmeRequestOptions } from "./client";

const FIRST_LOOK_MS = 10;
const BACKOFF = { initialMs: 50, factor: 2, maxMs: 10_000 };
const MIN_WAIT_MS = 1000;
const MAX_WAIT_MS = 60_000;

/** What one request showed. */
export interface Look<T> {
  readonly value: T;
  readonly done: boolean;
  /** What the CA's `Retry-After` names, in epoch milliseconds. */
  readonly retryAt: number | undefined;
}

/**
 * Repeats `look` until it is done. The first follows soon, because many CAs are done by then. The next ones follow the
 * CA's `Retry-After`, within one second and one minute (ZeroSSL says a day, and is done in minutes); without that
 * header, after 50 ms and then ever less often.
 *
 * Only the signal limits the time. If its reason is a {@link TimeoutError}, the error that is thrown also says what was
 * seen last.
 *
 * @param start - when the first look is due: what the CA said in the answer before it, or else the delay
 * @see RFC 8555 §7.5.1: "the client SHOULD respect the Retry-After header"
 */
export async function poll<T>(
  client: AcmeClient,
  look: () => Promise<Look<T>>,
  describe: (value: T) => string,
  options: AcmeRequestOptions,
  start: { readonly firstLookMs?: number; readonly retryAt?: number } = {},
): Promise<T> {
  const { now, random } = client[internals];
  const { firstLookMs = FIRST_LOOK_MS, retryAt: startAt } = start;
  const until = (retryAt: number): number =>
    Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, retryAt - now()));
  let last: T | undefined;
  try {
    const firstMs = startAt === undefined ? firstLookMs : until(startAt);
    if (firstMs > 0) await delay(firstMs, options.signal);
    for (let attempt = 0; ; attempt++) {
      const { value, done, retryAt } = await look();
      if (done) return value;
      last = value;
      const waitMs = retryAt === undefined ? backoffMs(BACKOFF, attempt, random) : until(retryAt);
      await delay(waitMs, options.signal);
    }
  } catch (error) {
    if (!(error instanceof TimeoutError) || last === undefined) throw error;
    throw new TimeoutError(`${error.message}; last seen: ${describe(last)}`, { cause: error });
  }
}
