/** What is kept and said when an issuance or an order fails, and when it is tried again. */
import { AcmeProblemError, isRefusedAccount } from "../../acme";
import { ChallengeError } from "../../challenges/solver";
import type { AccountReference } from "../../issuance/arguments";
import { nextAttempt } from "../../issuance/renewal";
import { describeSpan } from "../../util/duration";
import { instant } from "../../util/instant";
import { messageOf } from "../../util/errors";
import { printable } from "../../util/text";
import { PartialFailure } from "../engine/handler";
import type { Reporter } from "../engine/progress";
import { isTolerated, type RenewalSettings, type StoredValidity } from "./due";
import type { Pending, Refusal, Renewable } from "./state";

/** An issuance did not end in a certificate, or no order was placed. */
export class RenewalFailure extends Error {
  override readonly name = "RenewalFailure";
  /** What the next run goes on from. */
  readonly pending: Pending | undefined;
  readonly refusal: Refusal | undefined;

  constructor(
    message: string,
    kept: { readonly pending?: Pending; readonly refusal?: Refusal },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.pending = kept.pending;
    this.refusal = kept.refusal;
  }
}

/** Honours the CA's Retry-After: sends nothing before it, unless an account was added that was not refused. */
export function refuseTooEarly(
  { __state: { pending, refusal } = {} }: Renewable,
  request: string,
  accounts: readonly AccountReference[],
): void {
  if (refusal?.request !== request || Date.now() >= Date.parse(refusal.retryAt)) return;
  if (accounts.some(({ accountUrl }) => !refusal.accountUrls.includes(accountUrl))) return;
  const message = `${refusal.message} (nothing was sent: the CA asked to come back after ${refusal.retryAt}; a change of triggers asks it at once)`;
  throw new RenewalFailure(message, { pending, refusal });
}

/** The failure that `error` is, with what the next run needs. */
export function renewalFailure(
  error: unknown,
  request: string,
  pending: Pending | undefined,
  accounts: readonly AccountReference[],
): RenewalFailure {
  const causes: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const problems = causes.map(problemIn).filter((problem) => problem !== undefined);
  const retryAts = problems.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [retryAt]));
  const message = `${messageOf(error)}${problems.some(isRefusedAccount) ? accountHint(accounts[0]) : ""}`;
  const accountUrls = accounts.map(({ accountUrl }) => accountUrl);
  const refusal =
    retryAts.length === causes.length
      ? { request, retryAt: instant(Math.min(...retryAts)), message, accountUrls }
      : undefined;
  return new RenewalFailure(message, { pending, refusal }, { cause: error });
}

/** The CA's last word, also where solvers had failed before it. */
function problemIn(error: unknown): AcmeProblemError | undefined {
  if (error instanceof AcmeProblemError) return error;
  return error instanceof ChallengeError && error.cause instanceof AcmeProblemError
    ? error.cause
    : undefined;
}

function accountHint(account: AccountReference | undefined): string {
  return `; if the CA has lost or deactivated the account ${account?.accountUrl ?? ""}, or knows it by another key, \`pulumi up --refresh\` registers it anew or finds that key`;
}

/** For a first issue, or what the user asked for: a failure is one, and what was reached is kept. */
export async function issueOrFail<S extends Renewable>(
  state: S,
  issue: () => Promise<S>,
): Promise<S> {
  try {
    return await issue();
  } catch (error) {
    if (!(error instanceof RenewalFailure)) throw error;
    const { message, pending, refusal } = error;
    const kept = { ...state, __state: { ...state.__state, pending, refusal } };
    throw new PartialFailure(message, kept, { cause: error });
  }
}

/** A renewal may fail while enough validity of `inUse` is left: a warning, and a later run tries again. */
export async function renewOrWarn<S extends Renewable>(
  state: S,
  inUse: StoredValidity | undefined,
  settings: RenewalSettings,
  reporter: Reporter,
  issue: () => Promise<S>,
): Promise<S> {
  try {
    return await issue();
  } catch (error) {
    if (!(error instanceof RenewalFailure)) throw error;
    const { message, pending, refusal } = error;
    const now = Date.now();
    const failed = withFailure(state, message, refusal?.retryAt);
    const kept = { ...failed, __state: { ...failed.__state, pending, refusal } };
    const left = inUse === undefined ? undefined : Date.parse(inUse.notAfter) - now;
    const span = left === undefined ? "" : `${describeSpan(left)} of validity left`;
    if (inUse === undefined || !isTolerated(inUse, settings, now)) {
      const text = span === "" ? message : `${message} (${span})`;
      throw new PartialFailure(text, kept, { cause: error });
    }
    reporter.warn(
      `the renewal failed, and is tried again after ${failed.lastFailure.nextAttemptAt}; ${span}: ${message}`,
    );
    return kept;
  }
}

/** `state` with one more failed renewal. */
export function withFailure<S extends Renewable>(state: S, message: string, retryAt?: string) {
  const now = Date.now();
  const failureCount = (state.__state?.failureCount ?? 0) + 1;
  const retry = retryAt === undefined ? undefined : Date.parse(retryAt);
  const nextAttemptAt = instant(nextAttempt(now, failureCount, retry));
  return {
    ...state,
    lastFailure: { at: instant(now), message: printable(message), nextAttemptAt },
    __state: { ...state.__state, failureCount },
  };
}
