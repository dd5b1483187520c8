/**
 * What an `AcmeOrder` keeps in the state. The names are frozen.
 *
 * What became of an order, whoever finishes it learns. `certificate` with the URL of this very order, or `invalidReason`,
 * says that it is known; while neither does, the CA has to be asked.
 */
import type { AccountReference, OrderArguments } from "../../issuance/arguments";
import type { PreparedChallenge } from "../../challenges/prepared";
import type { ChallengeValue } from "../../issuance/challenge-values";
import type { OrderedCertificate, OrderOutcome } from "../../issuance/order-outcome";
import type { RenewalAdvice, StoredRenewalInfo } from "../../issuance/renewal-info";
import { hasUnknown, knownOr } from "../engine/wire";
import { issuedAtIfDue, renewAt, type RenewalSettings, withoutEndlessWindow } from "../renewal/due";
import { type LastFailure, type RenewalState, withAdvice } from "../renewal/state";

export interface OrderState {
  readonly __arguments?: OrderArguments;
  readonly __state?: OrderPrivateState;
  readonly orderUrl?: string;
  /** As it was seen last: `pending`, `ready`, `processing`, `valid` or `invalid`. */
  readonly status?: string;
  readonly expires?: string;
  readonly challenges?: readonly KeyedChallengeValue[];
  /** Whether its place is a former order's that had led to a certificate, and nothing else was changed. */
  readonly isRenewal?: boolean;
  readonly renewAt?: string;
  readonly lastFailure?: LastFailure;
  /* Arguments that a certificate needs to know of: they make the resource an order reference. */
  readonly dnsNames?: readonly string[];
  readonly challenge?: PreparedChallenge;
  readonly profile?: string;
  readonly renewBefore?: string;
  readonly useRenewalInfo?: boolean;
}

export interface OrderPrivateState extends RenewalState {
  /** Of the account that placed the order. */
  readonly accountUrl?: string;
  /** Of the order, or of the one before it. */
  readonly certificate?: OrderedCertificate;
  readonly renewalInfo?: StoredRenewalInfo;
  /** When the order was placed, where it is a renewal. */
  readonly placedAt?: string;
  /** Why the order cannot lead to a certificate any more. */
  readonly invalidReason?: string;
}

export interface KeyedChallengeValue extends ChallengeValue {
  /** A name for the user's resource. */
  readonly key: string;
}

/** The certificate that the order of this state led to, once that is known. */
export function ownCertificate({ orderUrl, __state }: OrderState): OrderedCertificate | undefined {
  const { certificate } = __state ?? {};
  return certificate?.orderUrl === orderUrl ? certificate : undefined;
}

/** Whether the state says what became of its order. */
export function isOutcomeKnown(state: OrderState): boolean {
  return state.__state?.invalidReason !== undefined || ownCertificate(state) !== undefined;
}

/** `state` with what was learnt, by the settings of `args`; in preview they may hold unknowns. */
export function withOutcome(
  state: OrderState,
  outcome: OrderOutcome,
  args: OrderArguments,
): OrderState {
  switch (outcome.kind) {
    case "open":
      return { ...state, status: outcome.status, expires: outcome.expires ?? state.expires };
    case "dead":
      return {
        ...state,
        status: "invalid",
        __state: { ...state.__state, invalidReason: outcome.reason },
      };
    case "issued": {
      const { useRenewalInfo } = args;
      const renewBefore = knownOr(args.renewBefore, state.__arguments?.renewBefore);
      const settings = { renewBefore, useRenewalInfo };
      const { certificate, advice } = notEndless(outcome, settings, state.__state?.placedAt);
      const { renewalInfo } = advice;
      return {
        ...state,
        status: "valid",
        renewAt: renewAt(certificate, settings, renewalInfo),
        lastFailure: undefined,
        __state: {
          ...withAdvice(state.__state, advice),
          certificate,
          renewalInfo,
          failureCount: undefined,
        },
      };
    }
    case "unknown":
      return state;
  }
}

/** A renewal that was due again when it was ordered would be renewed in every run. */
function notEndless(
  outcome: OrderOutcome & { readonly kind: "issued" },
  settings: RenewalSettings,
  placedAt: string | undefined,
): { readonly certificate: OrderedCertificate; readonly advice: RenewalAdvice } {
  if (placedAt === undefined) return { certificate: outcome.certificate, advice: outcome };
  const ordered = Date.parse(placedAt);
  const issuedAt = issuedAtIfDue(outcome.certificate, settings, ordered);
  const certificate = { ...outcome.certificate, issuedAt };
  return { certificate, advice: withoutEndlessWindow(certificate, settings, outcome, ordered) };
}

/** Who may ask for the order: the account as it is now, or as it was when it placed the order. */
export function accountOf(state: OrderState, args: OrderArguments): AccountReference | undefined {
  const candidates = [args.account, state.__arguments?.account];
  return candidates.find(
    (account) =>
      account !== undefined &&
      !hasUnknown(account) &&
      account.accountUrl === state.__state?.accountUrl,
  );
}
