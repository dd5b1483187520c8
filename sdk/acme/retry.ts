/**
 * The one retry policy. Pure.
 *
 * | what happened                          | what is done                                                     |
 * | -------------------------------------- | ---------------------------------------------------------------- |
 * | `badNonce`                             | again with the nonce of the error; from the third on after a wait; 20 s at most |
 * | `rateLimited`, 503 with `Retry-After`  | wait as told, if that is 60 s at most; else fail and name the time |
 * | `rateLimited` without `Retry-After`    | fail: Let's Encrypt has paused the account, and waiting is useless |
 * | 503                                    | again after a wait                                               |
 * | 500, 502, 504, `serverInternal`        | again after a wait, if the request may be repeated               |
 * | connection not made                    | again after a wait                                               |
 * | connection lost, answer late           | the same, if the request may be repeated                         |
 * | no such host, TLS certificate refused  | fail                                                             |
 * | anything else                          | fail                                                             |
 *
 * All waits of one request together (without those for nonces) take 60 s at most, and there are four repetitions at
 * most. The CA's last answer is reported.
 */
import { backoffMs } from "../util/backoff";
import { TimeoutError } from "../util/errors";
import { AcmeConnectionError } from "./errors";
import { AcmeProblemError, hasProblemType } from "./problems";

const BACKOFF = { initialMs: 250, factor: 2, maxMs: 8000 };
const MAX_REPETITIONS = 4;
const MAX_WAIT_MS = 60_000;
const MIN_RETRY_AFTER_MS = 1000;
const NONCE_BACKOFF = { initialMs: 50, factor: 1.5, maxMs: 300 };
const MAX_WAIT_FOR_NONCE_MS = 20_000;

/**
 * Whether a request may be sent again if the CA may have acted on it:
 *
 * - `repeatable`: yes, a second one does no harm
 * - `when-refused`: no, only after an answer that says it was not acted on; otherwise the caller fetches the state first
 */
export type Repetition = "repeatable" | "when-refused";

/** What has been tried of one request. */
export interface Tries {
  repetitions: number;
  waitedMs: number;
  badNonces: number;
  waitedForNonceMs: number;
}

export function noTries(): Tries {
  return { repetitions: 0, waitedMs: 0, badNonces: 0, waitedForNonceMs: 0 };
}

/**
 * How long to wait before the request is sent again, in milliseconds; `undefined`: do not. Counts the try.
 *
 * @param now - epoch milliseconds
 */
export function waitBeforeRetry(
  error: unknown,
  repetition: Repetition,
  tries: Tries,
  now: number,
  random: () => number,
): number | undefined {
  if (isBadNonce(error)) return waitForNonce(tries, random);
  const retryAt = error instanceof AcmeProblemError ? error.retryAt : undefined;
  if (!mayRepeat(error, repetition, tries)) return undefined;
  const waitMs =
    retryAt === undefined
      ? backoffMs(BACKOFF, tries.repetitions, random)
      : Math.max(MIN_RETRY_AFTER_MS, retryAt - now);
  if (tries.waitedMs + waitMs > MAX_WAIT_MS || tries.repetitions >= MAX_REPETITIONS) {
    return undefined;
  }
  tries.repetitions++;
  tries.waitedMs += waitMs;
  return waitMs;
}

/** RFC 8555 §6.5: "the client SHOULD retry the request with the nonce from the error response". */
function waitForNonce(tries: Tries, random: () => number): number | undefined {
  tries.badNonces++;
  const waitMs = tries.badNonces < 3 ? 0 : backoffMs(NONCE_BACKOFF, tries.badNonces - 3, random);
  tries.waitedForNonceMs += waitMs;
  return tries.waitedForNonceMs > MAX_WAIT_FOR_NONCE_MS ? undefined : waitMs;
}

function mayRepeat(error: unknown, repetition: Repetition, tries: Tries): boolean {
  if (error instanceof TimeoutError) {
    // One timeout may be chance, a second one is not, and each costs the whole time limit.
    return repetition === "repeatable" && tries.repetitions === 0;
  }
  if (error instanceof AcmeConnectionError) {
    return error.transient && (!error.sent || repetition === "repeatable");
  }
  if (!(error instanceof AcmeProblemError)) return false;
  if (isRateLimit(error)) return error.retryAt !== undefined;
  if (error.status === 503) return true;
  return isServerFault(error) && repetition === "repeatable";
}

/** Whether the CA may have acted on the request, although it failed. */
export function isAmbiguous(error: unknown): boolean {
  if (error instanceof AcmeConnectionError) return error.sent;
  return (
    error instanceof TimeoutError || (error instanceof AcmeProblemError && isServerFault(error))
  );
}

export function isBadNonce(error: unknown): error is AcmeProblemError {
  return hasProblemType(error, "badNonce");
}

/** 429, or the type under another status: some CAs send it with 403 or 503. */
export function isRateLimit(error: AcmeProblemError): boolean {
  return error.status === 429 || hasProblemType(error, "rateLimited");
}

function isServerFault(error: AcmeProblemError): boolean {
  // 501: the CA does not support this at all.
  return (error.status >= 500 && error.status !== 501) || hasProblemType(error, "serverInternal");
}
