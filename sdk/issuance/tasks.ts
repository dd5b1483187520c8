/** What has to be done to prove the names of an order: who answers which challenge. Pure. */
import {
  type AcmeIdentifier,
  type Authorization,
  type Challenge,
  type Order,
  wantedIdentifier,
} from "../acme";
import { ChallengeError, type Proof } from "../challenges/solver";
import { keyAuthorization } from "../util/challenge";
import { enumerate } from "../util/text";
import type { SolverArguments } from "./solver-arguments";
import { challengeTypeOf, solversFor, unsolvable } from "./select-solver";
import { describeFailed, spentError } from "./spent";

export interface Task {
  /** As the certificate will have it: with the `*.` of a wildcard. */
  readonly name: string;
  readonly authorization: Authorization;
  readonly challenge: Challenge;
  readonly entry: SolverArguments;
  readonly proof: Proof;
}

/** An entry of `solvers` that could not prove a name in this run. */
export interface FailedSolver {
  readonly name: string;
  readonly entry: SolverArguments;
}

/**
 * Which challenge of each authorization is answered by which solver. Complains about all names at once.
 *
 * @throws {@link UnusableOrderError} `spent`
 */
export function planChallenges(
  order: Order,
  open: readonly Authorization[],
  solvers: readonly SolverArguments[],
  failed: readonly FailedSolver[],
  thumbprint: string,
): Task[] {
  const tasks: Task[] = [];
  const problems: string[] = [];
  const spent: string[] = [];
  for (const authorization of open) {
    const task = planChallenge(authorization, solvers, failed, thumbprint);
    if (typeof task === "string") problems.push(task);
    else if (task.challenge.status === "invalid") {
      spent.push(describeFailed(task.name, task.challenge));
    } else tasks.push(task);
  }
  if (spent.length > 0) throw spentError(order, spent.join("; "));
  if (problems.length > 0) throw new ChallengeError(`acme: ${problems.join("; ")}`);
  return tasks;
}

function planChallenge(
  authorization: Authorization,
  solvers: readonly SolverArguments[],
  failed: readonly FailedSolver[],
  thumbprint: string,
): Task | string {
  const wanted = wantedIdentifier(authorization);
  const complaint = unsolvable(solvers, wanted);
  if (complaint !== undefined) {
    return solvers.length === 0
      ? `${wanted.value} has to be proven anew, and the certificate has no solvers`
      : `${wanted.value} ${complaint}`;
  }
  let spent: Task | undefined;
  for (const entry of remainingSolvers(solvers, wanted, failed)) {
    const type = challengeTypeOf(entry);
    // Several challenges of one authorization may share a token; the type tells them apart (RFC 8555 §8).
    const challenge = authorization.challenges.find((offered) => offered.type === type);
    const proof =
      challenge === undefined ? undefined : proofOf(authorization, challenge, thumbprint);
    if (challenge === undefined || proof === undefined) continue;
    const task = { name: wanted.value, authorization, challenge, entry, proof };
    if (challenge.status !== "invalid") return task;
    spent ??= task;
  }
  if (spent !== undefined) return spent;
  const offered = enumerate(authorization.challenges.map(({ type }) => type));
  return `${wanted.value}: the CA offers ${offered === "" ? "no challenge" : offered}, and no solver answers that`;
}

/** What answers `challenge`; `undefined` where it lacks the token that its type has. */
function proofOf(
  { identifier, wildcard }: Authorization,
  { type, token, issuerDomainNames, accountUri }: Challenge,
  thumbprint: string,
): Proof | undefined {
  if (type === "dns-persist-01") {
    // Its record is for all orders: there is neither token nor key authorization.
    const facts = { identifier, wildcard, type, issuerDomainNames, accountUri };
    return { ...facts, token: "", keyAuthorization: "" };
  }
  if (token === undefined) return undefined;
  const answer = keyAuthorization(token, thumbprint);
  return { identifier, wildcard, type, token, keyAuthorization: answer };
}

/** The entries that have not been tried yet for `identifier`, the best first. */
export function remainingSolvers(
  solvers: readonly SolverArguments[],
  identifier: AcmeIdentifier,
  failed: readonly FailedSolver[],
): SolverArguments[] {
  return solversFor(solvers, identifier).filter(
    (entry) => !failed.some((one) => one.name === identifier.value && one.entry === entry),
  );
}

/** One call per solver, so that it can do everything at once. */
export function bySolver(tasks: readonly Task[]): Map<SolverArguments, Task[]> {
  const groups = new Map<SolverArguments, Task[]>();
  for (const task of tasks) groups.set(task.entry, [...(groups.get(task.entry) ?? []), task]);
  return groups;
}

export function describeNames(tasks: readonly Task[]): string {
  const all = tasks.map(({ name }) => name);
  return all.length <= 3 ? enumerate(all) : `${String(all.length)} names`;
}
