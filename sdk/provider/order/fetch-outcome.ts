/**
 * Asking the CA what became of an order. Loads everything heavy.
 *
 * Whoever finishes an order, it is not the order's resource: hence the look. It is short, and it is one per order and
 * process, which for Pulumi is a phase: preview, refresh or update.
 */
import {
  type AccountCredentials,
  AcmeProblemError,
  type AcmeServer,
  describeProblem,
  downloadCertificate,
  getOrder,
  hasProblemType,
  type Order,
} from "../../acme";
import type { AccountReference } from "../../issuance/arguments";
import { credentialsFor, clientFor } from "../../issuance/clients";
import { fetchRenewalInfo, renewalInfoId } from "../../issuance/renewal-info";
import { withDeadline } from "../../util/abort";
import { instant } from "../../util/duration";
import { messageOf } from "../../util/errors";
import { describeCertificate } from "../../x509/certificate";
import { renewalInfoState } from "../certificate/results";
import type { OrderOutcome } from "./outcome";
import type { OrderArguments, OrderState } from "./state";
import { hasUnknown } from "../engine/wire";

/** `diff` is called for one resource after the other: what one waits, all wait. */
const LOOK_TIMEOUT_MS = 5000;

/** What this process has seen. */
export class OrderOutcomeCache {
  readonly #fates = new Map<
    string,
    { readonly by: string; readonly fate: Promise<OrderOutcome> }
  >();
  /** Directory URLs of CAs that did not answer. */
  readonly #silent = new Set<string>();

  /** What became of the order; asked at most once, and never at a CA that has just failed. */
  at(state: OrderState, news: OrderArguments): Promise<OrderOutcome> {
    const { orderUrl } = state;
    const account = accountOf(state, news);
    if (orderUrl === undefined || account === undefined) return Promise.resolve(FOREIGN);
    const { directoryUrl, accountKeyPem: by } = account;
    const known = this.#fates.get(orderUrl);
    if (known?.by === by) return known.fate;
    if (this.#silent.has(directoryUrl)) {
      return Promise.resolve({ kind: "unknown", reason: `${directoryUrl} did not answer before` });
    }
    const fate = look(orderUrl, account, news.useRenewalInfo !== false).then((seen) => {
      if (seen.kind === "unknown") this.#silent.add(directoryUrl);
      return seen;
    });
    this.#fates.set(orderUrl, { by, fate });
    return fate;
  }

  /** What was seen of this order is not so any more. */
  forget(orderUrl: string | undefined): void {
    if (orderUrl !== undefined) this.#fates.delete(orderUrl);
  }

  /** As in a new process. */
  clear(): void {
    this.#fates.clear();
    this.#silent.clear();
  }
}

export const orderOutcomes = new OrderOutcomeCache();

const FOREIGN: OrderOutcome = { kind: "dead", reason: "the order belongs to another account" };

/** Who may look at the order: the account as it is now, or as it was when it placed the order. */
function accountOf(state: OrderState, news: OrderArguments): AccountReference | undefined {
  const candidates = [news.account, state.__arguments?.account];
  return candidates.find(
    (account) =>
      account !== undefined && !hasUnknown(account) && account.accountUrl === state.orderedBy,
  );
}

/** @returns never a failure: a CA that cannot be asked is `unknown`. */
async function look(
  orderUrl: string,
  account: AccountReference,
  useRenewalInfo: boolean,
): Promise<OrderOutcome> {
  try {
    const client = clientFor(account);
    const credentials = await credentialsFor(account);
    return await withDeadline(`order ${orderUrl}`, LOOK_TIMEOUT_MS, undefined, async (signal) => {
      const order = await getOrder(client, credentials, orderUrl, { signal });
      return fateOf(order, client, credentials, useRenewalInfo, signal);
    });
  } catch (error) {
    if (!isGone(error)) return { kind: "unknown", reason: messageOf(error) };
    const refused = error.status !== 404 && error.status !== 410;
    const words = describeProblem(error.problem);
    return { kind: "dead", reason: `the CA does not know the order any more (${words})`, refused };
  }
}

/** Purged, expired (Let's Encrypt answers 404), or of an account that the CA does not take any more. */
export function isGone(error: unknown): error is AcmeProblemError {
  if (!(error instanceof AcmeProblemError)) return false;
  const { status } = error;
  const passing = hasProblemType(error, "badNonce", "userActionRequired", "rateLimited");
  return status >= 400 && status < 500 && status !== 408 && status !== 429 && !passing;
}

async function fateOf(
  order: Order,
  client: AcmeServer,
  credentials: AccountCredentials,
  useRenewalInfo: boolean,
  signal: AbortSignal,
): Promise<OrderOutcome> {
  const { status, certificate: url } = order;
  if (status === "invalid") {
    const why = order.error === undefined ? "" : `: ${describeProblem(order.error)}`;
    return { kind: "dead", reason: `the order is invalid${why}` };
  }
  if (status !== "valid" || url === undefined) {
    const expires = Date.parse(order.expires ?? "");
    return Number.isNaN(expires)
      ? { kind: "open", status }
      : { kind: "open", status, expires: instant(expires) };
  }
  const { chainPem } = await downloadCertificate(client, credentials, url, { signal });
  const leaf = describeCertificate(chainPem);
  const certificate = {
    orderUrl: order.url,
    issuedBy: credentials.accountUrl,
    notBefore: instant(leaf.notBefore),
    notAfter: instant(leaf.notAfter),
    fingerprintSha256: leaf.fingerprintSha256,
    certId: renewalInfoId(chainPem),
  };
  const info = useRenewalInfo ? await fetchRenewalInfo(client, chainPem, signal) : undefined;
  return {
    kind: "issued",
    certificate,
    renewalInfo: info === undefined ? undefined : renewalInfoState(info),
  };
}
