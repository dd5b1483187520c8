/**
 * Proving the names of an order: all challenges are presented before any is answered, all are answered before any is
 * polled, and whatever was presented is undone. Layer 4.
 *
 * @see RFC 8555 §7.5, Identifier Authorization
 */
import {
  describeProblem,
  getAuthorization,
  getOrder,
  keyAuthorization,
  pollAuthorization,
  respondToChallenge,
} from "../acme";
import type {
  AccountCredentials,
  AcmeIdentifier,
  AcmeServer,
  Authorization,
  Challenge,
  Order,
} from "../acme";
import { ChallengeError } from "../challenges/solver";
import type { Presentation, Proof, Solver, SolverContext } from "../challenges/solver";
import { messageOf } from "../util/errors";
import { enumerate } from "../util/text";
import type { SolverArguments } from "./solver-arguments";
import { challengeTypeOf, solversFor, unsolvable } from "./solvers";

export interface AuthorizeContext extends SolverContext {
  /** What carries out an entry of `solvers`. */
  solverOf(entry: SolverArguments): Solver;
  /** Looks from here whether the CA will find what was presented; throws to keep it from being asked. */
  preflight(proofs: readonly Proof[]): Promise<void>;
}

/** The order's authorizations cannot become valid any more; only a new order helps. */
export class DeadOrderError extends Error {
  override readonly name = "DeadOrderError";
}

interface Task {
  readonly authorization: Authorization;
  readonly challenge: Challenge;
  readonly entry: SolverArguments;
  readonly proof: Proof;
}

/**
 * Makes every authorization of `order` valid; those that already are cost one look and nothing else.
 *
 * @throws {@link ChallengeError} with the reasons of all names that could not be proven.
 * @throws {@link DeadOrderError} when an authorization had failed or expired before this call.
 */
export async function authorize(
  server: AcmeServer,
  credentials: AccountCredentials,
  order: Order,
  solvers: readonly SolverArguments[],
  context: AuthorizeContext,
): Promise<void> {
  const options = { signal: context.signal };
  const authorizations = await Promise.all(
    order.authorizations.map((url) => getAuthorization(server, credentials, url, options)),
  );
  const open = authorizations.filter(({ status }) => status !== "valid");
  const dead = open.find(({ status }) => status !== "pending");
  if (dead !== undefined) {
    throw new DeadOrderError(`the authorization of ${dead.identifier.value} is ${dead.status}`);
  }
  if (open.length === 0) return;
  const tasks = plan(open, solvers, credentials.key.thumbprint);
  const presentations = await present(tasks, context);
  try {
    context.progress(`checks from here that ${names(tasks)} can be proven`);
    await context.preflight(tasks.map(({ proof }) => proof));
    context.progress(`the CA validates ${names(tasks)}`);
    await validate(server, credentials, order, tasks, options);
  } catch (error) {
    throw explained(error, presentations, tasks);
  } finally {
    await cleanUp(presentations, context);
  }
}

/**
 * Answers all challenges, then polls all that were answered. Nobody is left behind when one fails: what is being
 * validated must still be presented.
 */
async function validate(
  server: AcmeServer,
  credentials: AccountCredentials,
  order: Order,
  tasks: readonly Task[],
  options: { signal: AbortSignal },
): Promise<void> {
  const answers = await Promise.allSettled(
    tasks.map(({ challenge }) => answer(server, credentials, challenge, options)),
  );
  if (answers.every(({ status }) => status === "fulfilled")) {
    // Where that does not work out, the authorizations themselves say why.
    const ready = await becomesReady(server, credentials, order, tasks, options).catch(() => false);
    if (ready) return;
  }
  const answered = tasks.filter((_, index) => answers[index]?.status === "fulfilled");
  const polls = await Promise.allSettled(
    answered.map(({ authorization }) =>
      pollAuthorization(server, credentials, authorization.url, options),
    ),
  );
  for (const result of [...answers, ...polls])
    if (result.status === "rejected") throw result.reason;
  complain(
    tasks,
    polls.flatMap((poll) => (poll.status === "fulfilled" ? [poll.value] : [])),
  );
}

/**
 * Whether the order is ready once the authorization that was answered last is settled: with many names that is one request
 * in place of one for each (RFC 8555 §7.1.6: "ready" is the order all of whose authorizations are valid).
 */
async function becomesReady(
  server: AcmeServer,
  credentials: AccountCredentials,
  order: Order,
  tasks: readonly Task[],
  options: { signal: AbortSignal },
): Promise<boolean> {
  const last = tasks.at(-1);
  if (last === undefined || tasks.length < WORTH_A_LOOK_AT_THE_ORDER) return false;
  await pollAuthorization(server, credentials, last.authorization.url, options);
  const { status } = await getOrder(server, credentials, order.url, options);
  return status === "ready";
}

/** With two names there is nothing to save. */
const WORTH_A_LOOK_AT_THE_ORDER = 3;

/** A presentation that broke meanwhile, such as a tunnel, explains what the CA or the preflight missed. */
function explained(
  error: unknown,
  presentations: readonly Presentation[],
  tasks: readonly Task[],
): unknown {
  const broken = presentations.flatMap((presentation) => presentation.broken?.() ?? []);
  if (broken.length === 0) return error;
  return new ChallengeError(`acme: proving ${names(tasks)}: ${enumerate(broken)}`, {
    cause: error,
  });
}

/** Which challenge of each authorization is answered by which solver. Complains about all names at once. */
function plan(
  open: readonly Authorization[],
  solvers: readonly SolverArguments[],
  thumbprint: string,
): Task[] {
  const tasks: Task[] = [];
  const problems: string[] = [];
  for (const authorization of open) {
    const task = planOne(authorization, solvers, thumbprint);
    if (typeof task === "string") problems.push(task);
    else tasks.push(task);
  }
  if (problems.length > 0) throw new ChallengeError(`acme: ${problems.join("; ")}`);
  return tasks;
}

function planOne(
  authorization: Authorization,
  solvers: readonly SolverArguments[],
  thumbprint: string,
): Task | string {
  const wanted = wantedIdentifier(authorization);
  const complaint = unsolvable(solvers, wanted);
  if (complaint !== undefined) {
    return solvers.length === 0
      ? `${wanted.value} has to be proven anew, and the certificate has no solvers`
      : `${wanted.value} ${complaint}`;
  }
  for (const entry of solversFor(solvers, wanted)) {
    const type = challengeTypeOf(entry);
    // Several challenges of one authorization may share a token; the type tells them apart (RFC 8555 §8).
    const challenge = authorization.challenges.find((offered) => offered.type === type);
    if (challenge?.token === undefined) continue;
    const proof: Proof = {
      identifier: authorization.identifier,
      wildcard: authorization.wildcard,
      type,
      token: challenge.token,
      keyAuthorization: keyAuthorization(challenge.token, thumbprint),
    };
    return { authorization, challenge, entry, proof };
  }
  const offered = enumerate(authorization.challenges.map(({ type }) => type));
  return `${wanted.value}: the CA offers ${offered === "" ? "no challenge" : offered}, and no solver answers that`;
}

/** A wildcard's authorization names the domain below the star (RFC 8555 §7.1.4); selectors are written with it. */
function wantedIdentifier({ identifier, wildcard }: Authorization): AcmeIdentifier {
  return wildcard ? { type: identifier.type, value: `*.${identifier.value}` } : identifier;
}

/** Presents everything, one call per solver. When one fails, what the others did is undone. */
async function present(tasks: readonly Task[], context: AuthorizeContext): Promise<Presentation[]> {
  const groups = bySolver(tasks);
  context.progress(`presents the challenges of ${names(tasks)}`);
  const settled = await Promise.allSettled(
    [...groups].map(([entry, group]) =>
      context.solverOf(entry).present(
        group.map(({ proof }) => proof),
        context,
      ),
    ),
  );
  const presentations = settled
    .filter((result) => result.status === "fulfilled")
    .map(({ value }) => value);
  const failures = settled
    .filter((result) => result.status === "rejected")
    .map(({ reason }) => messageOf(reason));
  if (failures.length === 0) return presentations;
  await cleanUp(presentations, context);
  throw new ChallengeError(
    `acme: presenting the challenges of ${names(tasks)}: ${failures.join("; ")}`,
  );
}

/** One call per solver, so that it can do everything at once. */
function bySolver(tasks: readonly Task[]): Map<SolverArguments, Task[]> {
  const groups = new Map<SolverArguments, Task[]>();
  for (const task of tasks) groups.set(task.entry, [...(groups.get(task.entry) ?? []), task]);
  return groups;
}

/** A solver that cannot clean up has still proven its names: a warning, so that the certificate is not lost. */
async function cleanUp(
  presentations: readonly Presentation[],
  context: AuthorizeContext,
): Promise<void> {
  const settled = await Promise.allSettled(
    presentations.map((presentation) => presentation.cleanUp()),
  );
  for (const result of settled) {
    if (result.status === "rejected")
      context.warn(`cleaning up challenges: ${messageOf(result.reason)}`);
  }
}

/** "An interrupted run may have answered it already": only what is still pending is answered (Z-9). */
async function answer(
  server: AcmeServer,
  credentials: AccountCredentials,
  challenge: Challenge,
  options: { signal: AbortSignal },
): Promise<void> {
  if (challenge.status === "pending")
    await respondToChallenge(server, credentials, challenge, options);
}

function complain(tasks: readonly Task[], results: readonly Authorization[]): void {
  const complaints = results.flatMap((result, index) => {
    if (result.status === "valid") return [];
    const type = tasks[index]?.proof.type;
    const problem = result.challenges.find((challenge) => challenge.type === type)?.error;
    const words =
      problem === undefined ? `the authorization is ${result.status}` : describeProblem(problem);
    return [`${wantedIdentifier(result).value} (${type ?? ""}): ${words}`];
  });
  if (complaints.length > 0) {
    throw new ChallengeError(`acme: the CA could not validate ${complaints.join("; ")}`);
  }
}

function names(tasks: readonly Task[]): string {
  const all = tasks.map(({ authorization }) => wantedIdentifier(authorization).value);
  return all.length <= 3 ? enumerate(all) : `${String(all.length)} names`;
}
