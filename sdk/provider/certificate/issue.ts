/**
 * Issuing for an `AcmeCertificate`: which key, which account, resumed from where, and what is kept when it fails.
 *
 * Loaded by `create` and `update` only: everything below it is heavy.
 */

import { type AcmeIdentifier, getDirectory } from "../../acme";
import type { AccountReference, CertificateArguments } from "../../issuance/arguments";
import { credentialsFor, clientFor } from "../../issuance/clients";
import { keyMaterial, type KeyMaterial } from "../../issuance/key-material";
import { type Checkpoint, obtain, type ObtainContext, type Obtained } from "../../issuance/obtain";
import { obtainFromOrder } from "../../issuance/obtain-from-order";
import { renewalInfoId } from "../../issuance/renewal-info";
import { withDeadline } from "../../util/abort";
import { durationMs } from "../../util/duration";
import { ConfigurationError, messageOf } from "../../util/errors";
import { sha256Of } from "../../util/sha256";
import { accountsOf } from "./accounts";
import { contextOf } from "./context";
import { failure, refuseTooEarly } from "./failure";
import { type CertificateState, isIssued, type Pending } from "./state";
import { orderOutcomes } from "../order/fetch-outcome";
import type { Reporter } from "../engine/progress";

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
      const checkpoint =
        pending.orderUrl === undefined ? undefined : { orderUrl: pending.orderUrl };
      return issueFrom(account, attempt, checkpoint, (reached) => {
        pending = { ...pending, ...reached };
      });
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

async function issueFrom(
  account: AccountReference,
  { state, news, material, reporter, interrupted }: Attempt,
  checkpoint: Checkpoint | undefined,
  reached: ObtainContext["reached"],
): Promise<Obtained> {
  const { notBefore, notAfter, preferredChain, solvers = [], timeout = "10m" } = news;
  const request = {
    ...material,
    solvers,
    profile: await profileFor(news, account, reporter, interrupted),
    replaces: replacedBy(state, account),
    notBefore,
    notAfter,
    preferredChain,
  };
  const credentials = await credentialsFor(account);
  const directory = await getDirectory(clientFor(account), { signal: interrupted });
  const { order } = news;
  const what = `acme: issuing for ${describe(material.identifiers)}`;
  return withDeadline(what, durationMs(timeout), interrupted, (signal) => {
    const context = contextOf(credentials, directory, news, reporter, signal, reached);
    if (order !== undefined) {
      const answered = { ...request, solvers: [{ prepared: order.challenge }] };
      // Whatever comes of it, the order is not what it was when it was looked at.
      orderOutcomes.forget(order.orderUrl);
      return obtainFromOrder(clientFor(account), credentials, answered, order.orderUrl, context);
    }
    return obtain(clientFor(account), credentials, request, checkpoint, context);
  });
}

/** The profile to ask for; one that the CA does not offer is dropped unless it is required (profiles draft §4). */
export async function profileFor(
  news: Pick<CertificateArguments, "profile" | "profileRequired">,
  account: AccountReference,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (news.profile === undefined) return undefined;
  const { meta } = await getDirectory(clientFor(account), { signal });
  if (Object.hasOwn(meta.profiles, news.profile)) return news.profile;
  const offered = Object.keys(meta.profiles).join(", ");
  const message = `profile: ${account.directoryUrl} does not offer "${news.profile}"; it offers ${offered === "" ? "none" : offered}`;
  if (news.profileRequired === true) throw new ConfigurationError(message);
  reporter.warn(`${message}: issues without a profile`);
  return undefined;
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

function describe(identifiers: readonly AcmeIdentifier[]): string {
  const [first] = identifiers;
  const others = identifiers.length - 1;
  return `${first?.value ?? "nothing"}${others > 0 ? ` and ${String(others)} more` : ""}`;
}
