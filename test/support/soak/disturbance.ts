/** What befalls a run: nothing, a part that goes down for a while, or its end by SIGKILL. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Running } from "../engine/pulumi";
import type { Random } from "./random";
import type { Part } from "./world";

export type Disturbance =
  | { readonly kind: "none" }
  /** Milliseconds. */
  | { readonly kind: "kill"; readonly after: number }
  | { readonly kind: "outage"; readonly part: Part; readonly after: number; readonly for: number };

const KILL_CHANCE = 1 / 3;

/**
 * Draws what befalls the next run. Never more than two in a row are disturbed: a certificate that is due gets its chance
 * well before it expires.
 *
 * @param usual - how long a run takes, in milliseconds
 */
export function nextDisturbance(
  random: Random,
  former: readonly Disturbance[],
  parts: readonly Part[],
  usual: number,
): Disturbance {
  const lastTwo = former.slice(-2);
  if (lastTwo.length === 2 && lastTwo.every(({ kind }) => kind !== "none")) return { kind: "none" };
  const after = random.between(500, usual);
  if (random.chance(KILL_CHANCE)) return { kind: "kill", after };
  const part = random.oneOf(parts);
  return { kind: "outage", part, after, for: random.between(usual / 8, usual) };
}

/** Disturbs a run until it has ended; then everything is up again. Gives whether it was killed. */
export async function disturb(running: Running, disturbance: Disturbance): Promise<boolean> {
  const ended = new AbortController();
  const finished = running.finished.then(() => {
    ended.abort();
  });
  /** Whether so much time passed before the run's end. */
  const passes = (ms: number): Promise<boolean> =>
    sleep(ms, true, { signal: ended.signal }).catch(() => false);
  if (disturbance.kind !== "none" && (await passes(disturbance.after))) {
    if (disturbance.kind === "kill") {
      running.kill();
      await finished;
      return true;
    }
    disturbance.part.setDown(true);
    await passes(disturbance.for);
    disturbance.part.setDown(false);
  }
  await finished;
  return false;
}
