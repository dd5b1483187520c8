/**
 * What has to be done with a certificate: nothing, take over settings, fetch another chain, issue. Pure.
 *
 * `diff` shows it and `update` does it, from state, arguments and the clock alone.
 */
import type { CertificateArguments, OrderReference } from "../../issuance/arguments";
import { toleratedUntil } from "../../issuance/renewal";
import { describeSpan } from "../../util/duration";
import { enumerate } from "../../util/text";
import { type CertificateState, isIssued, type IssuedState, validityOf } from "./state";
import { hasUnknown, knownOr, sameData } from "../engine/wire";

export type Decision =
  | { readonly action: "none" }
  /** Only the way to the certificate changed: no CA is asked. */
  | { readonly action: "adjust"; readonly reason: string }
  /** Another chain of the same certificate: no order. */
  | { readonly action: "rechain"; readonly reason: string }
  | { readonly action: "renew"; readonly reason: string }
  /** The user's own wish, or the first time: a failure is loud. */
  | { readonly action: "issue"; readonly reason: string };

/** @param news - checked arguments; in preview they may hold unknowns. */
export function decide(state: CertificateState, news: CertificateArguments, now: number): Decision {
  if (!isIssued(state)) return { action: "issue", reason: "issues: there is no certificate yet" };
  const changes = changesOfContent(state.__arguments, news);
  if (changes.length > 0) return { action: "issue", reason: `issues anew: ${enumerate(changes)}` };
  const renewal =
    news.order === undefined
      ? dueByTime(state, news, now)
      : dueByOrder(state, news, news.order, now);
  if (renewal !== undefined) return renewal;
  if (!same(state.__arguments.preferredChain, news.preferredChain)) {
    return {
      action: "rechain",
      reason: `fetches the chain that leads to ${news.preferredChain ?? "the CA's default"}`,
    };
  }
  const settings = changesOfSettings(state.__arguments, news);
  return settings.length === 0
    ? { action: "none" }
    : { action: "adjust", reason: `takes over ${enumerate(settings)}; the certificate stays` };
}

/** What of the certificate itself the user changed, in words. An unknown counts as a change: it may be one. */
function changesOfContent(old: CertificateArguments, news: CertificateArguments): string[] {
  const changed = CONTENT.filter(
    (key) => !same(old[key] ?? DEFAULTS[key], news[key] ?? DEFAULTS[key]),
  );
  return [
    ...changesOfNames(old.dnsNames, news.dnsNames),
    ...changesOfNames(old.ipAddresses, news.ipAddresses),
    ...(sameUnlessUnknown(old.account.directoryUrl, news.account.directoryUrl)
      ? []
      : ["another CA"]),
    ...((old.keyType ?? "P256") === (news.keyType ?? "P256")
      ? []
      : [`key type ${news.keyType ?? "P256"}`]),
    ...changed.map((key) => `${key} changed`),
  ];
}

/* A default that is written out, or left out again, is no change. */
const DEFAULTS: Partial<CertificateArguments> = { mustStaple: false, triggers: [] };

const CONTENT = [
  "privateKeyPem",
  "certificateRequestPem",
  "commonName",
  "mustStaple",
  "profile",
  "notBefore",
  "notAfter",
  "triggers",
] as const;

/* Taken over without the CA. `existing` is not among them: it speaks of the creation alone. */
const SETTINGS = [
  "account",
  "fallbackAccounts",
  "solvers",
  "order",
  "keyPolicy",
  "profileRequired",
  "renewBefore",
  "useRenewalInfo",
  "toleratesFailureUntil",
  "revokeOnDestroy",
  "revocationReason",
  "preflight",
  "propagation",
  "pkcs12Password",
  "timeout",
] as const;

/** Settings that really changed. One that is not known yet shows when it is: else an account's update shows everywhere. */
function changesOfSettings(old: CertificateArguments, news: CertificateArguments): string[] {
  return SETTINGS.filter((key) => !hasUnknown(news[key]) && !sameData(old[key], news[key]));
}

function changesOfNames(
  old: readonly string[] | undefined,
  news: readonly string[] | undefined,
): string[] {
  if (hasUnknown(news)) return ["names that are not known yet"];
  const added = (news ?? [])
    .filter((name) => old?.includes(name) !== true)
    .map((name) => `name added ${name}`);
  const removed = (old ?? [])
    .filter((name) => news?.includes(name) !== true)
    .map((name) => `name removed ${name}`);
  return [...added, ...removed];
}

function same(a: unknown, b: unknown): boolean {
  return sameData(a, b);
}

function sameUnlessUnknown(old: unknown, news: unknown): boolean {
  return hasUnknown(news) || sameData(old, news);
}

/** The order decides when: a certificate is issued once for each. */
function dueByOrder(
  state: IssuedState,
  news: CertificateArguments,
  order: OrderReference,
  now: number,
): Decision | undefined {
  const { orderUrl, isRenewal } = order;
  if (state.__arguments.order?.orderUrl === orderUrl) return undefined;
  // Settings wait, too: taking them over would take over the order.
  if (state.pending?.orderUrl === orderUrl && mustWait(state, news, now)) return { action: "none" };
  // What the user changed fails loudly; what the time did, may wait.
  const action = isRenewal === true ? "renew" : "issue";
  return { action, reason: "issues: the order is new" };
}

function dueByTime(
  state: IssuedState,
  news: CertificateArguments,
  now: number,
): Decision | undefined {
  const reason = mustWait(state, news, now) ? undefined : dueness(state, now);
  return reason === undefined ? undefined : { action: "renew", reason };
}

/**
 * Whether a renewal that failed waits for its next attempt. With too little validity left it does not: a run that said
 * nothing of it would look like a success.
 */
function mustWait(state: IssuedState, news: CertificateArguments, now: number): boolean {
  const { lastFailure } = state;
  if (lastFailure === undefined || now >= Date.parse(lastFailure.nextAttemptAt)) return false;
  const validity = validityOf(state);
  const old = state.__arguments;
  const renewBefore = knownOr(news.renewBefore, old.renewBefore);
  const tolerates = knownOr(news.toleratesFailureUntil, old.toleratesFailureUntil);
  const tolerated = toleratedUntil(validity, renewBefore, tolerates);
  return validity.notAfter - now > tolerated;
}

/** Why it is renewed now; `undefined` while it need not be. */
function dueness(state: IssuedState, now: number): string | undefined {
  if (now < Date.parse(state.renewAt)) return undefined;
  const left = Date.parse(state.notAfter) - now;
  const span = left > 0 ? `${describeSpan(left)} left` : `expired ${describeSpan(-left)} ago`;
  const window = state.renewalInfo;
  if (window === undefined || now < Date.parse(window.windowStart)) return `renews: ${span}`;
  const see = window.explanationUrl === undefined ? "" : `, see ${window.explanationUrl}`;
  return `renews: the CA asks for it${see} (${span})`;
}
