/** Issuing for an `AcmeCertificate`: which key, which account, resumed from where, and what is kept when it fails. */
import type { AccountReference, CertificateArguments } from "../../issuance/arguments";
import { issueByAccount } from "../../issuance/issue";
import { keyMaterial, type KeyMaterial } from "../../issuance/key-material";
import { renewalInfoId } from "../../issuance/renewal-info";
import type { Obtained } from "../../issuance/request";
import { ConfigurationError, messageOf } from "../../util/errors";
import type { Reporter } from "../engine/progress";
import { hashOfArguments } from "../engine/rules";
import { refuseTooEarly, renewalFailure } from "../renewal/failure";
import type { Pending } from "../renewal/state";
import { RULES } from "./arguments";
import { accountsOf, type CertificateState, isIssued } from "./state";

export interface Issued {
  readonly obtained: Obtained;
  readonly account: AccountReference;
  /** Absent with a CSR. */
  readonly privateKeyPem?: string;
}

/**
 * Issues what `args` ask for, by the first account that can.
 *
 * @throws {@link RenewalFailure} for everything that went wrong; the old certificate is untouched.
 */
export async function obtainByAccounts(
  state: CertificateState,
  args: CertificateArguments,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Issued> {
  const { directoryUrl, accountUrl } = args.account;
  const request = hashOfArguments(RULES, "issue", args);
  const accounts = accountsOf(args);
  const { pending: last } = state.__state ?? {};
  const former = last?.request === request ? last : undefined;
  refuseTooEarly(state, request, accounts);
  let pending: Pending = former ?? { request, directoryUrl, accountUrl };
  try {
    const keys = { pending: former?.privateKeyPem, current: state.privateKeyPem };
    const material = await keyMaterial(args, keys);
    return await tryAccounts(accounts, reporter, signal, async (account) => {
      pending = pendingAt(account, [pending, former], args, material);
      const { orderUrl, unfitSince } = pending;
      const checkpoint = orderUrl === undefined ? undefined : { orderUrl, unfitSince };
      const known = { checkpoint, replaces: replacedBy(state, account) };
      const { progress, warn } = reporter;
      const obtained = await issueByAccount(account, args, material, known, {
        progress,
        warn,
        signal,
        reached: ({ orderUrl, certificateUrl, unfitSince }) => {
          pending = { ...pending, orderUrl, certificateUrl, unfitSince };
        },
      });
      return { obtained, account, privateKeyPem: material.privateKeyPem };
    });
  } catch (error) {
    throw renewalFailure(error, request, pending, accounts);
  }
}

/** Tries the accounts in their order; another one only where another CA may do better. */
async function tryAccounts<T>(
  accounts: readonly AccountReference[],
  reporter: Reporter,
  signal: AbortSignal,
  issueBy: (account: AccountReference) => Promise<T>,
): Promise<T> {
  const errors: unknown[] = [];
  for (const account of accounts) {
    try {
      return await issueBy(account);
    } catch (error) {
      errors.push(error);
      const isLast = account === accounts.at(-1);
      if (isLast || signal.aborted || error instanceof ConfigurationError) break;
      reporter.warn(`${messageOf(error)}: goes on with the next account`);
    }
  }
  throw errors.length === 1 ? errors[0] : new AggregateError(errors);
}

/**
 * What this run keeps for `account`: an order belongs to one account at one CA, the key to the request. The former run's
 * order may be that of a fallback account, while those before it are tried again.
 */
function pendingAt(
  account: AccountReference,
  known: readonly [Pending, ...(Pending | undefined)[]],
  args: CertificateArguments,
  material: KeyMaterial,
): Pending {
  const { directoryUrl, accountUrl } = account;
  const own = known.find(
    (one) => one?.directoryUrl === directoryUrl && one.accountUrl === accountUrl,
  );
  return {
    request: known[0].request,
    directoryUrl,
    accountUrl,
    // A key that the user brought is in the inputs already.
    privateKeyPem: args.privateKeyPem === undefined ? material.privateKeyPem : undefined,
    orderUrl: own?.orderUrl,
    unfitSince: own?.unfitSince,
  };
}

/** RFC 9773 §5: only the account that issued the old certificate may say that it is replaced. */
function replacedBy(state: CertificateState, account: AccountReference): string | undefined {
  if (!isIssued(state) || state.issuedBy !== account.accountUrl) return undefined;
  return renewalInfoId(state.fullchainPem);
}
