/**
 * Errors that any part of this package may throw.
 *
 * Every message says in one line: what was being done, for which name, what the other side said, what to do about it.
 */

import { singleLine } from "./text";

/** An argument is wrong. The message names it and says what to change. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** A name could not be proven: presenting or the preflight failed, or the CA refused (its problem is the cause). */
export class ChallengeError extends Error {
  override readonly name = "ChallengeError";
}

/** A deadline passed. The message says what was waited for, and what was seen last. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** No answer came through a proxy of the environment. The message names it, its variable, and what happened. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
}

/** The text of anything thrown, for people: no stack, never empty. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(messageOf).join("; ");
  }
  if (error instanceof Error) {
    const cause = error.cause === undefined ? "" : messageOf(error.cause);
    const message = error.message === "" ? error.name : error.message;
    // The message may quote it as it is, or cleaned.
    const isSaid = message.includes(cause) || message.includes(singleLine(cause));
    return isSaid ? message : `${message}: ${singleLine(cause, cause.length)}`;
  }
  return String(error);
}
