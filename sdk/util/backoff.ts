/** How long to wait before the next try. Pure, given the source of random numbers. */

export interface Backoff {
  /** The first wait, in milliseconds. */
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/**
 * The wait before try number `attempt` (0 is the first repetition), in milliseconds: exponential, capped, and
 * random within its upper half, so that clients that wait for the same thing do not all ask at once.
 */
export function backoffMs(
  backoff: Backoff,
  attempt: number,
  random: () => number = Math.random,
): number {
  const whole = Math.min(
    backoff.maxMs,
    backoff.initialMs * backoff.factor ** Math.min(attempt, 64),
  );
  return Math.round(whole / 2 + (whole / 2) * random());
}
