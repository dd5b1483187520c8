/** How long to wait before the next try. Pure but for the given source of chance. */

export interface Backoff {
  /** The first wait, in milliseconds. */
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/**
 * The wait before try number `attempt` (0 is the first repetition), in milliseconds: exponential, capped, and
 * somewhere in its upper half, so that many who wait for one thing do not ask at once.
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
