/** Presenting http-01 by one call of a hook for each proof, and undoing it. */
import { messageOf } from "../../util/errors";
import { mapConcurrent } from "../../util/concurrency";
import { ChallengeError, type Presentation, type Proof, type SolverContext } from "../solver";
import { checkedToken } from "../token";
import { Uses } from "../uses";

export type Action = "present" | "cleanup";

export interface EachProof {
  /** For messages: "the program /usr/local/bin/hook". */
  readonly what: string;
  /** Tells one hook from others. */
  readonly id: string;
  /** How many calls may run at the same time. */
  readonly atOnce: number;
  /** Of one call. */
  readonly cleanUpMs: number;
  call(action: Action, proof: Proof, context: SolverContext): Promise<void>;
}

const uses = new Uses();

/** Calls `present` for every proof; when one fails, `cleanup` for all that were tried. */
export async function presentEach(
  proofs: readonly Proof[],
  each: EachProof,
  context: SolverContext,
): Promise<Presentation> {
  for (const proof of proofs) checkedToken(proof);
  // Noted before the call: it may have done a part when it fails.
  const tried = new Set<Proof>();
  const failures = await failuresOf(each, proofs, async (proof) => {
    context.signal.throwIfAborted();
    tried.add(proof);
    uses.retain(keyOf(each, proof));
    context.progress(`${each.what}: present ${proof.identifier.value}`);
    await each.call("present", proof, context);
  });
  const cleanUp = (): Promise<void> => cleanUpEach(tried, each, context);
  if (failures.length === 0) return { cleanUp };
  await cleanUp().catch((error: unknown) => {
    context.warn(messageOf(error));
  });
  context.signal.throwIfAborted();
  throw joinedError("present", each, failures);
}

function keyOf({ id }: EachProof, { token }: Proof): string {
  return `${id} ${token}`;
}

/** Calls `cleanup` for all that nobody needs any more, even if one fails; each proof is cleaned up once. */
async function cleanUpEach(
  tried: Set<Proof>,
  each: EachProof,
  { progress, warn }: SolverContext,
): Promise<void> {
  const failures = await failuresOf(each, [...tried], async (proof) => {
    tried.delete(proof);
    if (!uses.release(keyOf(each, proof))) return;
    // With a deadline of its own, so that it also runs when the issuance was cancelled.
    const signal = AbortSignal.timeout(each.cleanUpMs);
    await each.call("cleanup", proof, { signal, progress, warn });
  });
  if (failures.length > 0) throw joinedError("cleanup", each, failures);
}

interface Failure {
  readonly proof: Proof;
  readonly error: unknown;
}

async function failuresOf(
  { atOnce }: EachProof,
  proofs: readonly Proof[],
  work: (proof: Proof) => Promise<void>,
): Promise<Failure[]> {
  const results = await mapConcurrent(atOnce, proofs, (proof) =>
    work(proof).then(
      () => undefined,
      (error: unknown) => ({ proof, error }),
    ),
  );
  return results.filter((failure) => failure !== undefined);
}

function joinedError(
  action: Action,
  { what }: EachProof,
  failures: readonly Failure[],
): ChallengeError {
  const words = failures.map(
    ({ proof, error }) => `http-01 for ${proof.identifier.value}: ${messageOf(error)}`,
  );
  return new ChallengeError(`${what}: ${action}: ${words.join("; ")}`, {
    cause: new AggregateError(failures.map(({ error }) => error)),
  });
}
