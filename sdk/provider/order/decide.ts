/**
 * What has to be done with an order: nothing, take over settings, look what became of it, place another. Pure.
 *
 * `diff` shows it and `update` does it.
 */
import type { OrderArguments } from "../../issuance/arguments";
import type { OrderedCertificate, OrderOutcome } from "../../issuance/order-outcome";
import { toleratedUntil } from "../../issuance/renewal";
import { describeSpan } from "../../util/duration";
import { enumerate } from "../../util/text";
import { hasUnknown, knownOr, sameData } from "../engine/wire";
import { withOutcome } from "./outcome";
import { type OrderState, ownCertificate } from "./state";

export type OrderDecision =
  | { readonly action: "none" }
  /** The state does not say what became of the order: the CA has to be asked. */
  | { readonly action: "look" }
  /** No new order. */
  | { readonly action: "adjust"; readonly reason: string }
  /** A new order because of the time, or in place of one that was: a failure is a warning for as long as it can be. */
  | { readonly action: "renew"; readonly reason: string }
  /** A new order by the user's own wish, or the first: a failure is loud. */
  | { readonly action: "order"; readonly reason: string };

/** @param news - checked arguments; in preview they may hold unknowns. */
export function decideOrder(state: OrderState, news: OrderArguments, now: number): OrderDecision {
  return decide(state, news, now, undefined);
}

/** The same once the CA was asked, or could not be. */
export function decideWithOutcome(
  state: OrderState,
  outcome: OrderOutcome,
  news: OrderArguments,
  now: number,
): OrderDecision {
  return decide(withOutcome(state, outcome, news), news, now, outcome.kind);
}

function decide(
  state: OrderState,
  news: OrderArguments,
  now: number,
  seen: OrderOutcome["kind"] | undefined,
): OrderDecision {
  const old = state.__arguments;
  if (state.orderUrl === undefined || old === undefined) {
    return { action: "order", reason: "orders: there is no order yet" };
  }
  const changes = changesOfContent(old, news);
  if (changes.length > 0) return { action: "order", reason: `orders anew: ${enumerate(changes)}` };
  if (state.death !== undefined) {
    if (mustWait(state, news, now)) return settings(old, news);
    return another(state, state.death);
  }
  const certificate = ownCertificate(state);
  if (certificate !== undefined) {
    const due = isBackingOff(state, news, now)
      ? undefined
      : dueness(state, certificate.notAfter, now);
    return due === undefined ? settings(old, news) : { action: "renew", reason: due };
  }
  if (seen === undefined) return { action: "look" };
  // A CA that does not answer has said nothing about the order.
  if (seen === "unknown") return settings(old, news);
  if (state.expires !== undefined && Date.parse(state.expires) <= now) {
    return another(state, "the order expired before it led to a certificate");
  }
  if (!sameUnlessUnknown(state.orderedBy, news.account.accountUrl)) {
    return another(state, "the order belongs to another account");
  }
  return settings(old, news);
}

function another({ isRenewal }: OrderState, why: string): OrderDecision {
  return { action: isRenewal === true ? "renew" : "order", reason: `orders anew: ${why}` };
}

const CONTENT = ["challenge", "profile", "notBefore", "notAfter", "triggers"] as const;
const SETTINGS = ["account", "profileRequired", "renewBefore", "useRenewalInfo"] as const;

/** What of the order itself the user changed, in words. An unknown counts as a change: it may be one. */
function changesOfContent(old: OrderArguments, news: OrderArguments): string[] {
  // No triggers at all is the same as an empty list of them.
  const valueOf = (from: OrderArguments, key: (typeof CONTENT)[number]): unknown =>
    from[key] ?? (key === "triggers" ? [] : undefined);
  const changed = CONTENT.filter((key) => !sameData(valueOf(old, key), valueOf(news, key)));
  return [
    ...changesOfNames(old.dnsNames, news.dnsNames),
    ...(sameUnlessUnknown(old.account.directoryUrl, news.account.directoryUrl)
      ? []
      : ["another CA"]),
    ...changed.map((key) => `${key} changed`),
  ];
}

function changesOfNames(old: readonly string[], news: readonly string[]): string[] {
  if (hasUnknown(news)) return ["names that are not known yet"];
  return [
    ...news.filter((name) => !old.includes(name)).map((name) => `name added ${name}`),
    ...old.filter((name) => !news.includes(name)).map((name) => `name removed ${name}`),
  ];
}

/** One that is not known yet shows when it is: else an account's update shows everywhere. */
function settings(old: OrderArguments, news: OrderArguments): OrderDecision {
  const changed = SETTINGS.filter(
    (key) => !hasUnknown(news[key]) && !sameData(old[key], news[key]),
  );
  return changed.length === 0
    ? { action: "none" }
    : { action: "adjust", reason: `takes over ${enumerate(changed)}; the order stays` };
}

function sameUnlessUnknown(old: unknown, news: unknown): boolean {
  return hasUnknown(news) || sameData(old, news);
}

/** Why it is renewed now; `undefined` while it need not be. */
function dueness(state: OrderState, notAfter: string, now: number): string | undefined {
  if (state.renewAt === undefined || now < Date.parse(state.renewAt)) return undefined;
  const left = Date.parse(notAfter) - now;
  const span = left > 0 ? `${describeSpan(left)} left` : `expired ${describeSpan(-left)} ago`;
  const window = state.renewalInfo;
  if (window === undefined || now < Date.parse(window.windowStart)) return `renews: ${span}`;
  const see = window.explanationUrl === undefined ? "" : `, see ${window.explanationUrl}`;
  return `renews: the CA asks for it${see} (${span})`;
}

/** Renewals that keep failing are tried ever less often; whatever the user asked for, at once. */
function mustWait(state: OrderState, news: OrderArguments, now: number): boolean {
  return state.isRenewal === true && isBackingOff(state, news, now);
}

/* With too little validity left nothing waits: a run that said nothing of it would look like a success. */
function isBackingOff(state: OrderState, news: OrderArguments, now: number): boolean {
  const { lastFailure, certificate } = state;
  if (lastFailure === undefined || now >= Date.parse(lastFailure.nextAttemptAt)) return false;
  const renewBefore = knownOr(news.renewBefore, state.__arguments?.renewBefore);
  return certificate === undefined || isTolerated(certificate, { renewBefore }, now);
}

/** Whether a failure is only a warning yet: enough validity of the certificate in use is left. */
export function isTolerated(
  { notBefore, notAfter }: Pick<OrderedCertificate, "notBefore" | "notAfter">,
  { renewBefore }: { readonly renewBefore?: string | undefined },
  now: number,
): boolean {
  const validity = { notBefore: Date.parse(notBefore), notAfter: Date.parse(notAfter) };
  return validity.notAfter - now > toleratedUntil(validity, renewBefore, undefined);
}
