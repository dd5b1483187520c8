/**
 * What an `AcmeOrder` is asked, and what it keeps in the state. The names are frozen.
 *
 * What became of an order lies with whoever finishes it. `certificate` with the URL of this very order, or `death`, says
 * that it is known; while neither does, the CA has to be asked.
 */
import type { OrderArguments } from "../../issuance/arguments";
import type { ChallengeValue, PreparedChallenge } from "../../issuance/challenge-values";
import type { OrderedCertificate } from "../../issuance/order-outcome";
import type { StoredRenewalInfo } from "../../issuance/renewal-info";
import type { LastFailure } from "../certificate/state";
import type { Properties } from "../engine/handler";

export interface OrderState {
  readonly __arguments?: OrderArguments;
  readonly orderUrl?: string;
  /** As it was seen last: `pending`, `ready`, `processing`, `valid` or `invalid`. */
  readonly status?: string;
  readonly expires?: string;
  /** URL of the account that placed it. */
  readonly orderedBy?: string;
  readonly challenges?: readonly KeyedChallengeValue[];
  /** Whether its place is a former order's that had led to a certificate, and nothing else was changed. */
  readonly isRenewal?: boolean;
  /** Of the order, or of the one before it. */
  readonly certificate?: OrderedCertificate;
  readonly renewalInfo?: StoredRenewalInfo;
  readonly renewAt?: string;
  /** Why it cannot lead to a certificate any more. */
  readonly death?: string;
  readonly lastFailure?: LastFailure;
  /** An order that was placed, and whose challenges could not be had: the next run goes on with it. */
  readonly placed?: PlacedOrder;
  /** What the CA said with 429 or 503. */
  readonly refusal?: Refusal;
  /* Arguments that a certificate needs to know of: they make the resource an order reference. */
  readonly dnsNames?: readonly string[];
  readonly challenge?: PreparedChallenge;
  readonly profile?: string;
  readonly renewBefore?: string;
  readonly useRenewalInfo?: boolean;
}

export interface KeyedChallengeValue extends ChallengeValue {
  /** A name for the user's resource. */
  readonly key: string;
}

export interface PlacedOrder {
  readonly orderUrl: string;
  readonly accountUrl: string;
  readonly profile?: string | undefined;
  readonly notBefore?: string | undefined;
  readonly notAfter?: string | undefined;
}

export interface Refusal {
  /** What was asked for, as a hash. */
  readonly request: string;
  readonly retryAt: string;
  readonly message: string;
}

/** The certificate that the order of this state led to, once that is known. */
export function ownCertificate(state: OrderState): OrderedCertificate | undefined {
  return state.certificate?.orderUrl === state.orderUrl ? state.certificate : undefined;
}

/** Whether the state says what became of its order. */
export function isOutcomeKnown(state: OrderState): boolean {
  return state.death !== undefined || ownCertificate(state) !== undefined;
}

/** The state as a handler is given it. */
export function orderState(properties: Properties): OrderState {
  return properties;
}

/** The arguments among a resource's inputs. */
export function orderArguments(inputs: Properties): OrderArguments {
  const own = Object.entries(inputs).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(own) as unknown as OrderArguments;
}
