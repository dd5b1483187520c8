/** Waiting until records are visible where the CA will look them up: one wait for the whole set. */
import { delay } from "../../util/abort";
import { type Backoff, backoffMs } from "../../util/backoff";
import { describeSpan, durationMs } from "../../util/duration";
import { ChallengeError, type SolverContext } from "../solver";
import { adviceFor } from "./observations";
import { type VisibleRecord, Watch, type WatchContext } from "./watch";

/** Where, and how long. */
export interface Propagation {
  /**
   * `authoritative` (the default): all name servers of the zone, over every address family that this machine has;
   * `resolvers`: the given ones, else this machine's; `none`: none is asked.
   */
  readonly check?: "authoritative" | "resolvers" | "none";
  /** `ip` or `ip:port`. For `authoritative` they are asked for the name servers. */
  readonly resolvers?: readonly string[];
  /** Waited before the first question; with `none`, the whole wait. Default: none. */
  readonly delay?: string;
  /** How long servers are asked. Default: `2m`. */
  readonly timeout?: string;
}

export interface PropagationContext extends SolverContext, WatchContext {
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const TIMEOUT = "2m";
const BETWEEN_ROUNDS: Backoff = { initialMs: 500, factor: 1.5, maxMs: 5000 };

/**
 * Resolves once every server that is asked has every record.
 *
 * @throws {@link ChallengeError} when that is not so in time, naming each server and what it answers
 */
export async function waitForPropagation(
  records: readonly VisibleRecord[],
  propagation: Propagation,
  context: PropagationContext,
): Promise<void> {
  const { check = "authoritative", resolvers } = propagation;
  const { signal, pause = delay } = context;
  if (records.length === 0) return;
  await waitDelay(propagation, context);
  if (check === "none") return;
  const watch = new Watch(records, resolvers, check === "resolvers", context);
  const timeout = durationMs(propagation.timeout ?? TIMEOUT);
  const end = Date.now() + timeout;
  for (let round = 0; ; round++) {
    const look = await watch.look();
    if (look.done) {
      if (look.remark !== undefined) context.warn(`DNS: ${look.remark}`);
      return;
    }
    const wait = backoffMs(BETWEEN_ROUNDS, round);
    if (Date.now() + wait > end) {
      const advice = adviceFor(look.missing, propagation);
      throw new ChallengeError(
        `the DNS records are not visible everywhere after ${describeSpan(timeout)}: ${look.words} (${advice})`,
      );
    }
    context.progress(`waits for the DNS records: ${look.words}`);
    await pause(wait, signal);
  }
}

/** The wait before the first question. */
export async function waitDelay(
  { delay: span }: Propagation,
  { signal, progress, pause = delay }: PropagationContext,
): Promise<void> {
  if (span === undefined) return;
  progress(`waits ${span} for the DNS records to spread`);
  await pause(durationMs(span), signal);
}
