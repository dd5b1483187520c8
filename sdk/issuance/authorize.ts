/**
 * Proving the names of an order: all challenges are presented before any is answered, all are answered before any is
 * polled, and whatever was presented is undone.
 *
 * @see RFC 8555 §7.5, Identifier Authorization
 */
import {
  type AccountCredentials,
  type AcmeClient,
  type Answered,
  AcmeProtocolError,
  type Authorization,
  type Challenge,
  describeProblem,
  getAuthorizations,
  lookAgain,
  type Order,
  pollAuthorization,
  respondToChallenge,
} from "../acme";
import { ChallengeError, type Presentation, type Proof } from "../challenges/solver";
import { messageOf } from "../util/errors";
import { enumerate } from "../util/text";
import type { IssuanceContext } from "./request";
import type { SolverArguments } from "./solver-arguments";
import { describeSpent, spentError } from "./spent";
import { bySolver, describeNames, type FailedSolver, planChallenges, type Task } from "./tasks";

/** With two names there is nothing to save. */
const WORTH_A_LOOK_AT_THE_ORDER = 3;

interface AnsweredTask extends Task {
  readonly answered: Answered;
}

/** Names could not be proven, each by the entry that was tried: another one may do better. */
export class UnprovenError extends ChallengeError {
  readonly failed: readonly FailedSolver[];

  constructor(message: string, failed: readonly FailedSolver[], options?: ErrorOptions) {
    super(message, options);
    this.failed = failed;
  }
}

/**
 * Makes every authorization of `order` valid; those that already are cost one look and nothing else.
 *
 * @param failed - what was tried in this run already, and is not tried again
 * @throws {@link UnprovenError} with the reasons of all names that could not be proven.
 * @throws {@link ChallengeError} when there is nobody who could prove a name.
 * @throws {@link UnusableOrderError} `spent`
 */
export async function authorize(
  client: AcmeClient,
  credentials: AccountCredentials,
  order: Order,
  solvers: readonly SolverArguments[],
  context: IssuanceContext,
  failed: readonly FailedSolver[] = [],
): Promise<void> {
  const options = { signal: context.signal };
  const authorizations = await getAuthorizations(client, credentials, order, options);
  const open = authorizations.filter(({ status }) => status !== "valid");
  const spent = open.filter(({ status }) => status !== "pending");
  if (spent.length > 0) throw spentError(order, spent.map(describeSpent).join("; "));
  if (open.length === 0) return;
  const tasks = planChallenges(order, open, solvers, failed, credentials.key.thumbprint);
  const presentations = await present(tasks, context);
  try {
    await preflight(tasks, context);
    context.progress(`the CA validates ${describeNames(tasks)}`);
    await validate(client, credentials, order, tasks, options);
  } catch (error) {
    throw explainError(error, presentations, tasks);
  } finally {
    await cleanUp(presentations, context);
  }
}

/**
 * Answers all challenges, then polls all that were answered. When one fails, the others are still
 * waited for: what the CA is validating must stay presented.
 */
async function validate(
  client: AcmeClient,
  credentials: AccountCredentials,
  order: Order,
  tasks: readonly Task[],
  options: { signal: AbortSignal },
): Promise<void> {
  const answers = await Promise.allSettled(
    tasks.map(async (task) => ({
      ...task,
      answered: await answer(client, credentials, task.challenge, options),
    })),
  );
  const answered = answers.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  if (answered.length === tasks.length) {
    // Where that does not work out, the authorizations themselves say why.
    const ready = await becomesReady(client, credentials, order, answered, options).catch(
      (error: unknown) => {
        if (error instanceof AcmeProtocolError) throw error;
        return false;
      },
    );
    if (ready) return;
  }
  const polls = await Promise.allSettled(
    answered.map((task) => poll(client, credentials, task, options)),
  );
  for (const result of [...answers, ...polls])
    if (result.status === "rejected") throw result.reason;
  throwFailures(
    tasks,
    polls.flatMap((poll) => (poll.status === "fulfilled" ? [poll.value] : [])),
  );
}

/**
 * Whether the order is ready once the authorization that was answered last is settled: with many names that is one request
 * in place of one for each (RFC 8555 §7.1.6: "ready" is the order all of whose authorizations are valid).
 */
async function becomesReady(
  client: AcmeClient,
  credentials: AccountCredentials,
  order: Order,
  tasks: readonly AnsweredTask[],
  options: { signal: AbortSignal },
): Promise<boolean> {
  const last = tasks.at(-1);
  if (last === undefined || tasks.length < WORTH_A_LOOK_AT_THE_ORDER) return false;
  await poll(client, credentials, last, options);
  const { status } = await lookAgain(client, credentials, order, options);
  return status === "ready";
}

function poll(
  client: AcmeClient,
  credentials: AccountCredentials,
  { authorization, answered }: AnsweredTask,
  options: { signal: AbortSignal },
): Promise<Authorization> {
  return pollAuthorization(client, credentials, authorization.url, options, answered);
}

/** A presentation that broke meanwhile, such as a tunnel, explains what the CA or the preflight missed. */
function explainError(
  error: unknown,
  presentations: readonly Presentation[],
  tasks: readonly Task[],
): unknown {
  const broken = presentations.flatMap((presentation) => presentation.broken?.() ?? []);
  if (broken.length === 0) return error;
  return new UnprovenError(`acme: proving ${describeNames(tasks)}: ${enumerate(broken)}`, tasks, {
    cause: error,
  });
}

/** Presents everything, one call per solver. When one fails, what the others did is undone. */
async function present(tasks: readonly Task[], context: IssuanceContext): Promise<Presentation[]> {
  context.progress(`presents the challenges of ${describeNames(tasks)}`);
  const presentations: Presentation[] = [];
  try {
    await eachSolver(tasks, "presenting the challenges of", async (entry, proofs) => {
      const solver = await context.solverOf(entry);
      presentations.push(await solver.present(proofs, context));
    });
  } catch (error) {
    await cleanUp(presentations, context);
    throw error;
  }
  return presentations;
}

function preflight(tasks: readonly Task[], context: IssuanceContext): Promise<void> {
  context.progress(`checks from here that ${describeNames(tasks)} can be proven`);
  return eachSolver(tasks, "preflight of", (_entry, proofs) => context.preflight(proofs));
}

/** Does `work` for the proofs of each solver, all at once, and says of which names it failed. */
async function eachSolver(
  tasks: readonly Task[],
  what: string,
  work: (entry: SolverArguments, proofs: readonly Proof[]) => Promise<void>,
): Promise<void> {
  const groups = [...bySolver(tasks)];
  const settled = await Promise.allSettled(
    groups.map(([entry, group]) =>
      work(
        entry,
        group.map(({ proof }) => proof),
      ),
    ),
  );
  const reasons = settled.flatMap((one) =>
    one.status === "rejected" ? [messageOf(one.reason)] : [],
  );
  if (reasons.length === 0) return;
  const failed = groups.flatMap(([, group], index) =>
    settled[index]?.status === "rejected" ? group : [],
  );
  throw new UnprovenError(`acme: ${what} ${describeNames(failed)}: ${reasons.join("; ")}`, failed);
}

/** A solver that cannot clean up has still proven its names: a warning, so that the certificate is not lost. */
async function cleanUp(
  presentations: readonly Presentation[],
  context: IssuanceContext,
): Promise<void> {
  const settled = await Promise.allSettled(
    presentations.map((presentation) => presentation.cleanUp()),
  );
  for (const result of settled) {
    if (result.status === "rejected")
      context.warn(`cleaning up challenges: ${messageOf(result.reason)}`);
  }
}

/** An interrupted run may have answered the challenge already: only one that is pending is answered. */
async function answer(
  client: AcmeClient,
  credentials: AccountCredentials,
  challenge: Challenge,
  options: { signal: AbortSignal },
): Promise<Answered> {
  return challenge.status === "pending"
    ? respondToChallenge(client, credentials, challenge, options)
    : { url: challenge.url };
}

function throwFailures(tasks: readonly Task[], results: readonly Authorization[]): void {
  const resultOf = ({ authorization: { url } }: Task): Authorization | undefined =>
    results.find((one) => one.url === url);
  const failed = tasks.filter((task) => resultOf(task)?.status !== "valid");
  if (failed.length === 0) return;
  const reasons = failed.map((task) => {
    const { type } = task.proof;
    const result = resultOf(task);
    const problem = result?.challenges.find((challenge) => challenge.type === type)?.error;
    const status = result?.status ?? "unknown";
    const words =
      problem === undefined ? `the authorization is ${status}` : describeProblem(problem);
    return `${task.name} (${type}): ${words}`;
  });
  throw new UnprovenError(`acme: the CA could not validate ${reasons.join("; ")}`, failed);
}
