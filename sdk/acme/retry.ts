/**
 * The one retry policy. Pure.
 *
 * | what happened                          | what is done                                                     |
 * | -------------------------------------- | ---------------------------------------------------------------- |
 * | `badNonce`                             | again with the nonce of the error: three times, and ten times in one operation |
 * | `rateLimited`, 503 with `Retry-After`  | wait as told, if that is 60 s at most; else fail and name the time |
 * | `rateLimited` without `Retry-After`    | fail: Let's Encrypt has paused the account, and waiting is useless |
 * | 503                                    | again after a wait                                               |
 * | 500, 502, 504, `serverInternal`        | again after a wait, if the request may be repeated               |
 * | connection not made                    | again after a wait                                               |
 * | connection lost, answer late           | the same, if the request may be repeated                         |
 * | no such host, TLS certificate refused  | fail                                                             |
 * | anything else                          | fail                                                             |
 *
 * All waits of one request together take 60 s at most, and there are four repetitions at
 * most. The CA's last answer is reported.
 */
import { backoffMs } from "../util/backoff";
import { TimeoutError } from "../util/errors";
import { AcmeConnectionError } from "./errors";
import { AcmeProblemError, hasProblemType } from "./problems";

const BACKOFF = { initialMs: 250, factor: 2, maxMs: 8000 };
const MAX_REPETITIONS = 4;
export const MAX_WAIT_MS = 60_000;
const MIN_RETRY_AFTER_MS = 1000;
const NONCE_BACKOFF = { initialMs: 50, factor: 2, maxMs: 300 };
const MAX_BAD_NONCES = 3;
const MAX_BAD_NONCES_OF_OPERATION = 10;
const FORGIVEN_BY_SUCCESS = 0.1;

/**
 * Whether a request may be sent again if the CA may have acted on it:
 *
 * - `repeatable`: yes, a second one does no harm
 * - `when-refused`: no, only after an answer that says it was not acted on; otherwise the caller fetches the state first
 * - `unless-told`: yes, but not where the CA says when to come back: then the caller notes the time
 */
export type Repetition = "repeatable" | "when-refused" | "unless-told";

/** What has been tried of one request. */
export interface Tries {
  repetitions: number;
  waitedMs: number;
  badNonces: number;
  readonly operation: NonceCount;
}

/** How many requests of one operation were repeated for their nonce; see {@link countSuccess}. */
export interface NonceCount {
  badNonces: number;
}

export function noTries(operation: NonceCount = { badNonces: 0 }): Tries {
  return { repetitions: 0, waitedMs: 0, badNonces: 0, operation };
}

/**
 * Ten requests that were answered at once make up for one that was not: with a hundred names, a CA that refuses nonces
 * now and then, as Pebble does, is not one that refuses them all.
 */
export function countSuccess({ badNonces, operation }: Tries): void {
  if (badNonces === 0) operation.badNonces = Math.max(0, operation.badNonces - FORGIVEN_BY_SUCCESS);
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
  if (!mayRepeat(error, repetition, tries)) return undefined;
  const waitMs = waitAsTold(error, now) ?? backoffMs(BACKOFF, tries.repetitions, random);
  if (tries.waitedMs + waitMs > MAX_WAIT_MS || tries.repetitions >= MAX_REPETITIONS) {
    return undefined;
  }
  tries.repetitions++;
  tries.waitedMs += waitMs;
  return waitMs;
}

/** How long the CA wants to be left alone after this failure, in milliseconds; `undefined` where it says nothing. */
export function waitAsTold(error: unknown, now: number): number | undefined {
  const retryAt = error instanceof AcmeProblemError ? error.retryAt : undefined;
  return retryAt === undefined ? undefined : Math.max(MIN_RETRY_AFTER_MS, retryAt - now);
}

/** RFC 8555 §6.5: "the client SHOULD retry the request with the nonce from the error response". */
function waitForNonce(tries: Tries, random: () => number): number | undefined {
  const { badNonces, operation } = tries;
  if (badNonces >= MAX_BAD_NONCES) return undefined;
  if (operation.badNonces + 1 > MAX_BAD_NONCES_OF_OPERATION) return undefined;
  tries.badNonces++;
  operation.badNonces++;
  return badNonces === 0 ? 0 : backoffMs(NONCE_BACKOFF, badNonces - 1, random);
}

function mayRepeat(error: unknown, repetition: Repetition, tries: Tries): boolean {
  const isHarmless = repetition !== "when-refused";
  // One timeout may be chance, a second one is not, and each costs the whole time limit.
  if (error instanceof TimeoutError) return isHarmless && tries.repetitions === 0;
  if (error instanceof AcmeConnectionError) {
    return error.transient && (!error.sent || isHarmless);
  }
  if (!(error instanceof AcmeProblemError)) return false;
  if (repetition === "unless-told" && error.retryAt !== undefined) return false;
  if (isRateLimit(error)) return error.retryAt !== undefined;
  if (error.status === 503) return true;
  return isServerFault(error) && isHarmless;
}

/** Which limit ended the repetitions of a request whose nonces were refused. */
export function nonceLimit({ badNonces }: Tries): string {
  return badNonces >= MAX_BAD_NONCES
    ? `${String(MAX_BAD_NONCES)} repetitions`
    : `${String(MAX_BAD_NONCES_OF_OPERATION)} repetitions in one operation`;
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
