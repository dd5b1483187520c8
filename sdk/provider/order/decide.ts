/**
 * What has to be done with an order: nothing, take over settings, ask what became of it, place another. Pure.
 *
 * `diff` shows it and `update` does it.
 */
import type { OrderArguments } from "../../issuance/arguments";
import type { OrderOutcome } from "../../issuance/order-outcome";
import { enumerate } from "../../util/text";
import { changesOfNames } from "../arguments/names";
import { type ArgumentChange, changesOf, namesOf } from "../engine/rules";
import { hasUnknown, knownOr } from "../engine/wire";
import { dueReason, isBackingOff } from "../renewal/due";
import { type OrderChange, RULES } from "./arguments";
import { type OrderState, ownCertificate, withOutcome } from "./state";

export type OrderDecision =
  | { readonly action: "none" }
  /** The state does not say what became of the order: the CA has to be asked. */
  | { readonly action: "look" }
  /** No new order. */
  | { readonly action: "settings"; readonly reason: string }
  /** A new order because of the time, or in place of one that was: a failure is a warning while enough validity is left. */
  | { readonly action: "renew"; readonly reason: string }
  /** A new order by the user's own wish, or the first: a failure is an error. */
  | { readonly action: "order"; readonly reason: string };

type Changed = readonly ArgumentChange<OrderArguments, OrderChange>[];

/** @param args - checked arguments; in preview they may hold unknowns. */
export function decideOrder(state: OrderState, args: OrderArguments, now: number): OrderDecision {
  return decide(state, args, now, undefined);
}

/** The same once the CA was asked, or could not be. */
export function decideWithOutcome(
  state: OrderState,
  outcome: OrderOutcome,
  args: OrderArguments,
  now: number,
): OrderDecision {
  return decide(withOutcome(state, outcome, args), args, now, outcome.kind);
}

function decide(
  state: OrderState,
  args: OrderArguments,
  now: number,
  outcome: OrderOutcome["kind"] | undefined,
): OrderDecision {
  const { __arguments: former, __state: own = {} } = state;
  if (state.orderUrl === undefined || former === undefined) {
    return { action: "order", reason: "orders: there is no order yet" };
  }
  const changed = changesOf(RULES, former, args);
  const changes = changesOfContent(former, args, changed);
  if (changes.length > 0) return { action: "order", reason: `orders anew: ${enumerate(changes)}` };
  if (own.invalidReason !== undefined) {
    // Renewals that keep failing are tried ever less often; whatever the user asked for, at once.
    const mustWait = state.isRenewal === true && isWaiting(state, args, now);
    return mustWait ? settings(changed) : replaceOrder(state, own.invalidReason);
  }
  const certificate = ownCertificate(state);
  if (certificate !== undefined) {
    const due = { renewAt: state.renewAt, notAfter: certificate.notAfter };
    const reason = isWaiting(state, args, now) ? undefined : dueReason(due, own.renewalInfo, now);
    return reason === undefined ? settings(changed) : { action: "renew", reason };
  }
  if (outcome === undefined) return { action: "look" };
  // A CA that does not answer has said nothing about the order.
  if (outcome === "unknown") return settings(changed);
  if (state.expires !== undefined && Date.parse(state.expires) <= now) {
    return replaceOrder(state, "the order expired before it led to a certificate");
  }
  const { accountUrl } = args.account;
  if (!hasUnknown(accountUrl) && accountUrl !== own.accountUrl) {
    return replaceOrder(state, "the order belongs to another account");
  }
  return settings(changed);
}

function replaceOrder({ isRenewal }: OrderState, why: string): OrderDecision {
  return { action: isRenewal === true ? "renew" : "order", reason: `orders anew: ${why}` };
}

/** What of the order itself the user changed, in words. An unknown counts as a change: it may be one. */
function changesOfContent(
  former: OrderArguments,
  args: OrderArguments,
  changed: Changed,
): string[] {
  const { directoryUrl } = args.account;
  const isOtherCa = !hasUnknown(directoryUrl) && directoryUrl !== former.account.directoryUrl;
  const changes = namesOf(changed, "order").flatMap((key) =>
    key === "dnsNames" ? changesOfNames(former.dnsNames, args.dnsNames) : [`${key} changed`],
  );
  return isOtherCa ? ["another CA", ...changes] : changes;
}

/** One that is not known yet shows when it is: else an account's update shows everywhere. */
function settings(changed: Changed): OrderDecision {
  const names = namesOf(changed, "settings");
  return names.length === 0
    ? { action: "none" }
    : { action: "settings", reason: `takes over ${enumerate(names)}; the order stays` };
}

function isWaiting(state: OrderState, args: OrderArguments, now: number): boolean {
  const renewBefore = knownOr(args.renewBefore, state.__arguments?.renewBefore);
  return isBackingOff(state.lastFailure, state.__state?.certificate, { renewBefore }, now);
}
