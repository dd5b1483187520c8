/**
 * What has to be done with a certificate: nothing, take over settings, fetch another chain, issue. Pure.
 *
 * `diff` shows it and `update` does it, from state, arguments and the clock alone.
 */
import type { CertificateArguments, OrderReference } from "../../issuance/arguments";
import { enumerate } from "../../util/text";
import { changesOfNames } from "../arguments/names";
import { type ArgumentChange, changesOf, namesOf } from "../engine/rules";
import { hasUnknown, knownOr } from "../engine/wire";
import { dueReason, isBackingOff } from "../renewal/due";
import { type CertificateChange, RULES, type StoredCertificateArguments } from "./arguments";
import { type CertificateState, isIssued, type IssuedState, validityIn } from "./state";

export type CertificateDecision =
  | { readonly action: "none" }
  /** No CA is asked. */
  | { readonly action: "settings"; readonly reason: string }
  /** Another chain of the same certificate: no order. */
  | { readonly action: "switchChain"; readonly reason: string }
  /** Because of the time: a failure is a warning while enough validity is left. */
  | { readonly action: "renew"; readonly reason: string }
  /** The user's own wish, or the first time: a failure is an error. */
  | { readonly action: "issue"; readonly reason: string };

/** @param args - checked arguments; in preview they may hold unknowns. */
export function decide(
  state: CertificateState,
  args: CertificateArguments,
  now: number,
): CertificateDecision {
  if (!isIssued(state)) return { action: "issue", reason: "issues: there is no certificate yet" };
  const { __arguments: former } = state;
  const changed = changesOf(RULES, former as unknown as Partial<CertificateArguments>, args);
  const changes = changesOfContent(former, args, changed);
  if (changes.length > 0) return { action: "issue", reason: `issues anew: ${enumerate(changes)}` };
  const renewal =
    args.order === undefined
      ? dueByTime(state, args, now)
      : dueByOrder(state, args, args.order, now);
  if (renewal !== undefined) return renewal;
  if (namesOf(changed, "chain").length > 0) {
    const reason = `fetches the chain that leads to ${args.preferredChain ?? "the CA's default"}`;
    return { action: "switchChain", reason };
  }
  const settings = namesOf(changed, "settings");
  return settings.length === 0
    ? { action: "none" }
    : {
        action: "settings",
        reason: `takes over ${enumerate(settings)}; the certificate stays`,
      };
}

type Changed = readonly ArgumentChange<CertificateArguments, CertificateChange>[];

/** What of the certificate itself the user changed, in words. An unknown counts as a change: it may be one. */
function changesOfContent(
  former: StoredCertificateArguments,
  args: CertificateArguments,
  changed: Changed,
): string[] {
  const { directoryUrl } = args.account;
  const isOtherCa = !hasUnknown(directoryUrl) && directoryUrl !== former.account.directoryUrl;
  const changes = namesOf(changed, "issue").flatMap((key) => {
    if (key === "dnsNames" || key === "ipAddresses") return changesOfNames(former[key], args[key]);
    return key === "keyType" ? [`key type ${args.keyType ?? "P256"}`] : [`${key} changed`];
  });
  return isOtherCa ? ["another CA", ...changes] : changes;
}

/** The order decides when: a certificate is issued once for each. */
function dueByOrder(
  state: IssuedState,
  args: CertificateArguments,
  { orderUrl, isRenewal }: OrderReference,
  now: number,
): CertificateDecision | undefined {
  if (state.__arguments.order?.orderUrl === orderUrl) return undefined;
  // Settings wait, too: taking them over would take over the order.
  const isTried = state.__state?.pending?.orderUrl === orderUrl;
  if (isTried && mustWait(state, args, now)) return { action: "none" };
  // What the user changed fails with an error; what the time did, may wait.
  const action = isRenewal === true ? "renew" : "issue";
  return { action, reason: "issues: the order is new" };
}

function dueByTime(
  state: IssuedState,
  args: CertificateArguments,
  now: number,
): CertificateDecision | undefined {
  if (mustWait(state, args, now)) return undefined;
  const reason = dueReason(state, state.renewalInfo, now);
  return reason === undefined ? undefined : { action: "renew", reason };
}

function mustWait(state: IssuedState, args: CertificateArguments, now: number): boolean {
  const { __arguments: former, lastFailure } = state;
  const renewBefore = knownOr(args.renewBefore, former.renewBefore);
  const toleratesFailureUntil = knownOr(args.toleratesFailureUntil, former.toleratesFailureUntil);
  return isBackingOff(lastFailure, validityIn(state), { renewBefore, toleratesFailureUntil }, now);
}
