/**
 * The errors that are nobody's in particular.
 *
 * Every error of this package answers, in one line: doing what, for which name, what the other side said, what to do.
 */

/** Something the user wrote cannot work. The message names the argument and the remedy. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** A name could not be proven: by us (presenting, preflight) or before the CA (its problem is then the cause). */
export class ChallengeError extends Error {
  override readonly name = "ChallengeError";
}

/** A deadline passed. The message says what was waited for, and what was seen last. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** The text of anything thrown, for people: no stack, never empty. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(messageOf).join("; ");
  }
  if (error instanceof Error) {
    const cause = error.cause === undefined ? "" : messageOf(error.cause);
    const message = error.message === "" ? error.name : error.message;
    return cause === "" || message.includes(cause) ? message : `${message}: ${cause}`;
  }
  return String(error);
}
