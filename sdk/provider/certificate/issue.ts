/**
 * Issuing for an `AcmeCertificate`: which key, which account, resumed from where, and what is kept when it fails.
 *
 * Loaded by `create` and `update` only: everything below it is heavy.
 */
import type { AccountReference, CertificateArguments } from "../../issuance/arguments";
import { issueByAccount } from "../../issuance/issue";
import { keyMaterial, type KeyMaterial } from "../../issuance/key-material";
import { renewalInfoId } from "../../issuance/renewal-info";
import type { Obtained } from "../../issuance/request";
import { ConfigurationError, messageOf } from "../../util/errors";
import { sha256Of } from "../../util/sha256";
import type { Reporter } from "../engine/progress";
import { accountsOf } from "./accounts";
import { failure, refuseTooEarly } from "./failure";
import { type CertificateState, isIssued, type Pending } from "./state";

export interface Issued {
  readonly obtained: Obtained;
  readonly account: AccountReference;
  /** Absent with a CSR. */
  readonly privateKeyPem?: string;
}

/** What all attempts of one issuance share. */
interface Attempt {
  readonly state: CertificateState;
  readonly news: CertificateArguments;
  readonly material: KeyMaterial;
  readonly reporter: Reporter;
  readonly interrupted: AbortSignal;
}

/**
 * Issues what `news` asks for, by the first account that can.
 *
 * @throws {@link IssuanceFailure} for everything that went wrong; the old certificate is untouched.
 */
export async function issue(
  state: CertificateState,
  news: CertificateArguments,
  reporter: Reporter,
  interrupted: AbortSignal,
): Promise<Issued> {
  const { directoryUrl, accountUrl } = news.account;
  const request = hashOf(news);
  const former = state.pending?.request === request ? state.pending : undefined;
  refuseTooEarly(former, news);
  let pending: Pending = former ?? { request, directoryUrl, accountUrl };
  try {
    const keys = { pending: former?.privateKeyPem, current: state.privateKeyPem };
    const material = await keyMaterial(news, keys);
    const attempt = { state, news, material, reporter, interrupted };
    return await tryAccounts(attempt, async (account) => {
      pending = pendingAt(account, [pending, former], news, material);
      const { orderUrl } = pending;
      const checkpoint = orderUrl === undefined ? undefined : { orderUrl };
      const replaces = replacedBy(state, account);
      return issueByAccount(
        account,
        news,
        material,
        { checkpoint, replaces },
        {
          progress: reporter.progress,
          warn: reporter.warn,
          signal: interrupted,
          reached: (reached) => {
            pending = { ...pending, ...reached };
          },
        },
      );
    });
  } catch (error) {
    throw failure(error, pending, news);
  }
}

/** Tries the accounts in their order; another one only where another CA may do better. */
async function tryAccounts(
  { news, material, reporter, interrupted }: Attempt,
  issueWith: (account: AccountReference) => Promise<Obtained>,
): Promise<Issued> {
  const errors: unknown[] = [];
  const accounts = accountsOf(news);
  for (const account of accounts) {
    try {
      return { obtained: await issueWith(account), account, privateKeyPem: material.privateKeyPem };
    } catch (error) {
      errors.push(error);
      const isLast = account === accounts.at(-1);
      if (isLast || interrupted.aborted || error instanceof ConfigurationError) break;
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
  news: CertificateArguments,
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
    privateKeyPem: news.privateKeyPem === undefined ? material.privateKeyPem : undefined,
    orderUrl: own?.orderUrl,
  };
}

/** RFC 9773 §5: only the account that issued the old certificate may say that it is replaced. */
function replacedBy(state: CertificateState, account: AccountReference): string | undefined {
  if (!isIssued(state) || state.issuedBy !== account.accountUrl) return undefined;
  return renewalInfoId(state.certificatePem);
}

/* What makes an unfinished order useless when it changes. Solvers may change: that is how a failed one is mended. */
const CONTENT = [
  "dnsNames",
  "ipAddresses",
  "keyType",
  "privateKeyPem",
  "certificateRequestPem",
  "commonName",
  "mustStaple",
  "profile",
  "notBefore",
  "notAfter",
  "triggers",
] as const;

function hashOf(news: CertificateArguments): string {
  const content = Object.fromEntries(CONTENT.map((key) => [key, news[key]]));
  return sha256Of(JSON.stringify(content), "base64url");
}
