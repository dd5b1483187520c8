/**
 * Asking the CA what became of an order that somebody else finishes.
 *
 * Only the AcmeCertificate learns whether its order was used, so the AcmeOrder asks the CA itself: once per order and
 * process (for Pulumi that is a preview, a refresh or an update), at most 5 s.
 */
import {
  type AccountCredentials,
  type AcmeClient,
  describeProblem,
  downloadCertificate,
  getOrder,
  type Order,
} from "../acme";
import { withDeadline } from "../util/abort";
import { instant } from "../util/instant";
import { describeDefect, isDefect } from "../util/defect";
import { messageOf } from "../util/errors";
import { describeCertificate } from "../x509/certificate";
import { inOrder } from "../x509/chain";
import type { AccountReference } from "./arguments";
import { clientFor, credentialsFor } from "./clients";
import { expiryOf, isGone } from "./place-order";
import { fetchRenewalInfo, type RenewalAdvice, renewalInfoId } from "./renewal-info";

/** `diff` is called for one resource after the other: what one waits, all wait. */
const TIMEOUT_MS = 5000;

export type OrderOutcome =
  /** It can still lead to a certificate. */
  | { readonly kind: "open"; readonly status: string; readonly expires?: string }
  | ({ readonly kind: "issued"; readonly certificate: OrderedCertificate } & RenewalAdvice)
  | {
      readonly kind: "dead";
      readonly reason: string;
      /** The CA refused the account, which may have another key by now. */
      readonly refused?: boolean;
    }
  /** The CA could not be asked. */
  | { readonly kind: "unknown"; readonly reason: string };

/** What is kept of the certificate that an order led to. */
export interface OrderedCertificate {
  readonly orderUrl: string;
  readonly issuedBy: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** When it was ordered, where its own dates cannot say when to renew. */
  readonly issuedAt?: string;
  readonly fingerprintSha256: string;
  /** Its ARI identifier, RFC 9773 §4.1, where it has one. */
  readonly certId?: string;
}

/** The outcomes that this process knows. */
export class OrderOutcomeCache {
  readonly #outcomes = new Map<
    string,
    { readonly accountKeyPem: string; readonly outcome: Promise<OrderOutcome> }
  >();
  /** Directory URLs of CAs that did not answer. */
  readonly #silent = new Set<string>();

  /** What became of the order; the CA is asked at most once, and not at all where it has just failed to answer. */
  get(orderUrl: string, account: AccountReference, useRenewalInfo: boolean): Promise<OrderOutcome> {
    const { directoryUrl, accountKeyPem } = account;
    const known = this.#outcomes.get(orderUrl);
    if (known?.accountKeyPem === accountKeyPem) return known.outcome;
    if (this.#silent.has(directoryUrl)) {
      return Promise.resolve({ kind: "unknown", reason: `${directoryUrl} did not answer before` });
    }
    const outcome = fetchOutcome(orderUrl, account, useRenewalInfo).then((fetched) => {
      if (fetched.kind === "unknown") this.#silent.add(directoryUrl);
      return fetched;
    });
    this.#outcomes.set(orderUrl, { accountKeyPem, outcome });
    return outcome;
  }

  /** The order is about to change, or has changed. */
  forget(orderUrl: string): void {
    this.#outcomes.delete(orderUrl);
  }

  /** As in a new process. */
  clear(): void {
    this.#outcomes.clear();
    this.#silent.clear();
  }
}

export const orderOutcomes = new OrderOutcomeCache();

/** @returns never a failure: a CA that cannot be asked is `unknown`. */
async function fetchOutcome(
  orderUrl: string,
  account: AccountReference,
  useRenewalInfo: boolean,
): Promise<OrderOutcome> {
  try {
    const client = clientFor(account);
    const credentials = await credentialsFor(account);
    return await withDeadline(`order ${orderUrl}`, TIMEOUT_MS, undefined, async (signal) => {
      const order = await getOrder(client, credentials, orderUrl, { signal });
      return outcomeOf(order, client, credentials, useRenewalInfo, signal);
    });
  } catch (error) {
    if (!isGone(error)) {
      return {
        kind: "unknown",
        reason: isDefect(error) ? describeDefect(error) : messageOf(error),
      };
    }
    const refused = error.status !== 404 && error.status !== 410;
    const words = describeProblem(error.problem);
    return { kind: "dead", reason: `the CA does not know the order any more (${words})`, refused };
  }
}

async function outcomeOf(
  order: Order,
  client: AcmeClient,
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
    return { kind: "open", status, expires: expiryOf(order) };
  }
  const downloaded = await downloadCertificate(client, credentials, url, { signal });
  const chainPem = inOrder(downloaded.chainPem);
  const leaf = describeCertificate(chainPem);
  const certId = renewalInfoId(chainPem);
  const certificate = {
    orderUrl: order.url,
    issuedBy: credentials.accountUrl,
    notBefore: instant(leaf.notBefore),
    notAfter: instant(leaf.notAfter),
    fingerprintSha256: leaf.fingerprintSha256,
    certId,
  };
  const advice = useRenewalInfo ? await fetchRenewalInfo(client, certId, signal) : {};
  return { kind: "issued", certificate, ...advice };
}
