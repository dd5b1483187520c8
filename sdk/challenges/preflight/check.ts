/**
 * The preflight: asks for challenges before the CA does, because failed validations count against the CA's limits.
 *
 * It stops the issuance only for what the CA will find as well: DNS that denies the name, a server that answers
 * something else, a port of the loopback interface that refuses. What may be due to this machine's place in the network
 * is a warning: no route, a firewall, a router without hairpin NAT, a resolver that does not answer.
 */
import { delay } from "../../util/abort";
import { mapConcurrent } from "../../util/concurrency";
import { singleLine } from "../../util/text";
import { ChallengeError, type Proof, type SolverContext } from "../solver";
import { ProbeFailure, type ProbeOptions } from "./probe";

export interface PreflightOptions extends SolverContext {
  /** `ip:port` of the name servers to ask; default: this machine's own way. */
  readonly resolvers?: readonly string[];
  /** Waits in tests take no time. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Asks for one challenge. Returns remarks on what a CA may see otherwise. @throws {@link ProbeFailure} */
export type ProbeChallenge = (proof: Proof, options: ProbeOptions) => Promise<readonly string[]>;

const AT_ONCE = 16;
/** A server that has just been reloaded may answer by its old configuration for a moment. */
const RETRY_AFTER_MS = [300, 1200];
const MESSAGE_LENGTH = 1000;

/**
 * Asks for every challenge as the CA will.
 *
 * @throws {@link ChallengeError} naming every name that cannot be proven, what was asked, and what came back.
 */
export async function checkChallenges(
  proofs: readonly Proof[],
  options: PreflightOptions,
  probe: ProbeChallenge,
): Promise<void> {
  const results = await mapConcurrent(AT_ONCE, proofs, (proof) => {
    options.progress(`asks for the challenge of ${proof.identifier.value} as the CA will`);
    return problemOf(proof, options, probe);
  });
  const problems = results.filter((problem) => problem !== undefined);
  if (problems.length === 0) return;
  throw new ChallengeError(
    `${problems.join("; ")} (the CA was not asked; preflight: false skips this check)`,
  );
}

/** What is wrong with one name; `undefined` when nothing is, or nothing that the CA must find as well. */
async function problemOf(
  proof: Proof,
  { resolvers = [], signal, warn, pause = delay }: PreflightOptions,
  probe: ProbeChallenge,
): Promise<string | undefined> {
  const subject = `${proof.type} for ${proof.identifier.value}`;
  for (let tries = 0; ; tries++) {
    try {
      const remarks = await probe(proof, { resolvers, signal });
      for (const remark of remarks) warn(`${subject}: ${remark}`);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProbeFailure)) throw error;
      const why = singleLine(error.message, MESSAGE_LENGTH);
      if (!error.evident) {
        warn(`${subject}: cannot be checked from here, the CA may see more: ${why}`);
        return undefined;
      }
      const wait = RETRY_AFTER_MS[tries];
      if (wait === undefined) return `${subject}: ${why}`;
      await pause(wait, signal);
    }
  }
}
