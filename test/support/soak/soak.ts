/** `pulumi up` in a loop while parts go down and come back, and runs are killed. */
import { setTimeout as sleep } from "node:timers/promises";

import { createStack, type PulumiResult } from "../engine/pulumi";
import { type Disturbance, disturb, nextDisturbance } from "./disturbance";
import { type Handshakes, watchHandshakes } from "./handshakes";
import { seededRandom } from "./random";
import { startWorld, type World } from "./world";

export interface SoakOptions {
  readonly seconds: number;
  readonly certificates: number;
  readonly seed: number;
}

/** One `pulumi up`. */
export interface Run {
  readonly result: PulumiResult;
  readonly disturbance: Disturbance;
  readonly killed: boolean;
  /** Orders that were placed meanwhile. */
  readonly orders: number;
}

export interface SoakReport {
  /** Seconds that a certificate lives. */
  readonly lifetime: number;
  readonly runs: readonly Run[];
  readonly handshakes: Handshakes;
  /** Different certificates that runs brought into the state. */
  readonly certificates: number;
  /** What the CA had. */
  readonly requests: number;
  readonly orders: number;
}

/** Milliseconds between two handshakes, and between two runs. */
const HANDSHAKE_PAUSE = 50;
const RUN_PAUSE = 1000;

export async function soak({ seconds, certificates, seed }: SoakOptions): Promise<SoakReport> {
  const lifetime = Math.max(120, Math.ceil(60 * (await secondsOfAnEmptyRun())));
  const world = await startWorld(certificates, lifetime);
  try {
    const random = seededRandom(seed);
    const saved = new Set<string>();
    const runs = [await run(world, saved, { kind: "none" })];
    await world.serve();
    const clients = watchHandshakes(world.tlsPort, world.dnsNames, HANDSHAKE_PAUSE);
    // Renewals are due after a quarter of the lifetime.
    const end = Date.now() + 1000 * Math.max(seconds, lifetime / 2);
    while (Date.now() < end) {
      const former = runs.map(({ disturbance }) => disturbance);
      const next = nextDisturbance(random, former, world.parts, usualDuration(runs));
      runs.push(await run(world, saved, next));
      await sleep(RUN_PAUSE);
    }
    runs.push(await run(world, saved, { kind: "none" }));
    const handshakes = await clients.stop();
    return { ...countedBy(world), lifetime, runs, certificates: saved.size, handshakes };
  } finally {
    await world.stop();
  }
}

/** Of the last run that nothing befell, in milliseconds. */
function usualDuration(runs: readonly Run[]): number {
  const last = runs.findLast(({ disturbance }) => disturbance.kind === "none");
  return last?.result.durationMs ?? 0;
}

/** About two on a machine that does nothing else. Where it is more, certificates have to live longer, too. */
async function secondsOfAnEmptyRun(): Promise<number> {
  const stack = await createStack("export const nothing = 0;");
  try {
    return (await stack.up({ skipPreview: true })).durationMs / 1000;
  } finally {
    await stack.stop();
  }
}

/** As a schedule runs it. The certificates that are in the state afterwards are added to `saved`. */
async function run(world: World, saved: Set<string>, disturbance: Disturbance): Promise<Run> {
  const { stack } = world;
  const before = countedBy(world).orders;
  const options = { refresh: true, skipPreview: true, args: ["--continue-on-error"] };
  const running = stack.startUp(options);
  const killed = await disturb(running, disturbance);
  const result = await running.finished;
  // Nothing to cancel where it had not begun.
  if (killed) await stack.cancel().catch(() => undefined);
  for (const { outputs } of (await stack.exportState()).resources) {
    const pem = outputs?.["fullchainPem"];
    if (typeof pem === "string") saved.add(pem);
  }
  return { result, disturbance, killed, orders: countedBy(world).orders - before };
}

function countedBy({ pebble }: World): Pick<SoakReport, "requests" | "orders"> {
  return { requests: pebble.requests().length, orders: pebble.orders() };
}
