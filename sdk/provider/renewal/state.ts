/** What the states of certificates and orders have in common. The names are frozen. */
import type { RenewalAdvice } from "../../issuance/renewal-info";

/** The last renewal failed; the certificate in use is still good. */
export interface LastFailure {
  readonly at: string;
  readonly message: string;
  readonly nextAttemptAt: string;
}

/** What an unfinished issuance, or order, has reached: the next run goes on from here. */
export interface Pending {
  /** A hash of what was asked for: another request starts afresh. */
  readonly request: string;
  readonly directoryUrl: string;
  readonly accountUrl: string;
  readonly orderUrl?: string;
  readonly certificateUrl?: string;
  /** Since when its certificate is known to be of no use. */
  readonly unfitSince?: string;
  /** The new key, unless the user brought one. */
  readonly privateKeyPem?: string;
}

/** The CA answered 429 or 503, with Retry-After. */
export interface Refusal {
  /** A hash of what was asked for. */
  readonly request: string;
  readonly retryAt: string;
  readonly message: string;
  /** The accounts that were refused. */
  readonly accountUrls: readonly string[];
}

/** Under `__state`. */
export interface RenewalState {
  readonly pending?: Pending;
  readonly refusal?: Refusal;
  /** How many renewals failed in a row. */
  readonly failureCount?: number;
  /** The CA could not say when to renew: it is not asked again before. */
  readonly askAgainAt?: string;
  /** When the certificate was issued, where its own dates cannot say when to renew. */
  readonly issuedAt?: string;
}

export interface Renewable {
  readonly lastFailure?: LastFailure;
  readonly __state?: RenewalState;
}

/** The private state after the CA was asked when to renew. */
export function withAdvice<S extends RenewalState>(
  own: S | undefined,
  { askAgainAt }: RenewalAdvice,
): S | undefined {
  if (askAgainAt === undefined && own?.askAgainAt === undefined) return own;
  return { ...own, askAgainAt } as S;
}

/** An update that failed and is not wanted any more leaves nothing behind; a renewal that failed goes on later. */
export function withoutTakenBack<S extends Renewable>(state: S): S {
  if (state.lastFailure !== undefined || state.__state === undefined) return state;
  return { ...state, __state: { ...state.__state, pending: undefined, refusal: undefined } };
}
