/** What is remembered and said when an issuance did not end in a certificate. */
import { AcmeProblemError, hasProblemType } from "../../acme";
import { ChallengeError } from "../../challenges/solver";
import type { CertificateArguments } from "../../issuance/arguments";
import { instant } from "../../util/duration";
import { messageOf } from "../../util/errors";
import { accountsOf } from "./accounts";
import type { Pending } from "./state";

/** An issuance did not end in a certificate; `pending` is what the next run goes on from. */
export class IssuanceFailure extends Error {
  override readonly name = "IssuanceFailure";
  readonly pending: Pending;
  /** The CA's word on when to come back, epoch milliseconds. */
  readonly retryAt: number | undefined;

  constructor(
    message: string,
    pending: Pending,
    retryAt: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.pending = pending;
    this.retryAt = retryAt;
  }
}

/** What the CA asked us to wait for is waited for: not even one request is sent before. An account that was not asked may be. */
export function refuseTooEarly(former: Pending | undefined, news: CertificateArguments): void {
  if (former?.retryAt === undefined || Date.now() >= Date.parse(former.retryAt)) return;
  const { refusedBy } = former;
  if (accountsOf(news).some(({ accountUrl }) => refusedBy?.includes(accountUrl) === false)) return;
  const message = `${former.refusal ?? "acme: the CA asked to wait"} (nothing was sent: the CA asked to come back after ${former.retryAt}; a change of triggers asks it at once)`;
  throw new IssuanceFailure(message, former, Date.parse(former.retryAt));
}

/** The failure that `error` is, with what the next run needs. */
export function failure(
  error: unknown,
  pending: Pending,
  news: CertificateArguments,
): IssuanceFailure {
  if (error instanceof IssuanceFailure) return error;
  const causes: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const problems = causes.map(problemIn).filter((problem) => problem !== undefined);
  const retryAts = problems.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [retryAt]));
  const retryAt = retryAts.length === causes.length ? Math.min(...retryAts) : undefined;
  const message = `${messageOf(error)}${problems.some(isAccountLost) ? accountHint(news) : ""}`;
  const refusedBy = accountsOf(news).map(({ accountUrl }) => accountUrl);
  const kept =
    retryAt === undefined
      ? pending
      : { ...pending, retryAt: instant(retryAt), refusal: message, refusedBy };
  return new IssuanceFailure(message, kept, retryAt, { cause: error });
}

/** The CA's last word, also where solvers had failed before it. */
function problemIn(error: unknown): AcmeProblemError | undefined {
  if (error instanceof AcmeProblemError) return error;
  return error instanceof ChallengeError && error.cause instanceof AcmeProblemError
    ? error.cause
    : undefined;
}

export function isAccountLost(error: AcmeProblemError): boolean {
  const { status } = error;
  return (
    hasProblemType(error, "accountDoesNotExist") ||
    (hasProblemType(error, "unauthorized") && (status === 401 || status === 403))
  );
}

export function accountHint({ account }: Pick<CertificateArguments, "account">): string {
  return `; if the CA has lost or deactivated the account ${account.accountUrl}, \`pulumi up --refresh\` registers it anew`;
}
