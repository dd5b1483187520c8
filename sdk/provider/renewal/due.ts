/** When a certificate is renewed, whether a failed renewal waits, and what is said of it. Pure. */
import { renewalInstant, toleratedSpan, type Validity } from "../../issuance/renewal";
import type { RenewalAdvice, StoredRenewalInfo } from "../../issuance/renewal-info";
import { describeSpan } from "../../util/duration";
import { instant } from "../../util/instant";
import type { LastFailure } from "./state";

/** Let's Encrypt issues five certificates a week for the same names. */
const ENDLESS_PAUSE_MS = 2 * 86_400_000;

/** CAs date certificates back by an hour or so, because clocks differ. */
const MAX_BACKDATING_MS = 86_400_000;

/** A certificate's validity as states keep it, RFC 3339. */
export interface StoredValidity {
  readonly notBefore: string;
  readonly notAfter: string;
  /** When it was issued, where `notBefore` lies so far back that its lifetime says nothing. */
  readonly issuedAt?: string;
}

export interface RenewalSettings {
  readonly renewBefore?: string;
  readonly useRenewalInfo?: boolean;
  readonly toleratesFailureUntil?: string;
}

/** Epoch milliseconds. */
export function validityOf({ notBefore, notAfter, issuedAt }: StoredValidity): Validity {
  return { notBefore: Date.parse(issuedAt ?? notBefore), notAfter: Date.parse(notAfter) };
}

/** The instant of renewal, fixed when the certificate is issued, refreshed, or given other settings. */
export function renewAt(
  certificate: StoredValidity & { readonly fingerprintSha256: string },
  { renewBefore, useRenewalInfo }: RenewalSettings,
  info: StoredRenewalInfo | undefined,
): string {
  const window =
    info === undefined || useRenewalInfo === false
      ? undefined
      : { start: Date.parse(info.windowStart), end: Date.parse(info.windowEnd) };
  const validity = validityOf(certificate);
  // It had expired before it was issued: so would the next one.
  if (validity.notAfter <= validity.notBefore) {
    return instant(validity.notBefore + ENDLESS_PAUSE_MS);
  }
  return instant(renewalInstant(validity, renewBefore, window, certificate.fingerprintSha256));
}

type FreshCertificate = Parameters<typeof renewAt>[0];

/** `issuedAt` for a certificate that by its own absurd dates would be due as soon as it is issued, and so in every run. */
export function issuedAtIfDue(
  certificate: FreshCertificate,
  settings: RenewalSettings,
  now: number,
): string | undefined {
  const { notBefore, notAfter } = validityOf(certificate);
  const isAbsurd = notAfter <= now || now - notBefore > MAX_BACKDATING_MS;
  const isDue = Date.parse(renewAt(certificate, settings, undefined)) <= now;
  return isDue && isAbsurd ? instant(now) : undefined;
}

/**
 * What the CA said of a certificate that was issued in place of another: where it wants this one renewed at once, too, it
 * would want that in every run. Then its window is left out, and asked for again in some days.
 */
export function withoutEndlessWindow(
  certificate: FreshCertificate,
  settings: RenewalSettings,
  advice: RenewalAdvice,
  now: number,
): RenewalAdvice {
  const { renewalInfo } = advice;
  if (renewalInfo === undefined) return advice;
  if (Date.parse(renewAt(certificate, settings, renewalInfo)) > now) return advice;
  return { askAgainAt: instant(now + ENDLESS_PAUSE_MS) };
}

/** Why it is renewed now; `undefined` while it need not be. */
export function dueReason(
  due: { readonly renewAt?: string; readonly notAfter: string },
  info: StoredRenewalInfo | undefined,
  now: number,
): string | undefined {
  if (due.renewAt === undefined || now < Date.parse(due.renewAt)) return undefined;
  const left = Date.parse(due.notAfter) - now;
  const span = left > 0 ? `${describeSpan(left)} left` : `expired ${describeSpan(-left)} ago`;
  if (info === undefined || now < Date.parse(info.windowStart)) return `renews: ${span}`;
  const see = info.explanationUrl === undefined ? "" : `, see ${info.explanationUrl}`;
  return `renews: the CA asks for it${see} (${span})`;
}

/**
 * Whether a renewal that failed waits for its next attempt. With too little validity left it does not: a run that said
 * nothing of it would look like a success.
 */
export function isBackingOff(
  lastFailure: LastFailure | undefined,
  certificate: StoredValidity | undefined,
  settings: RenewalSettings,
  now: number,
): boolean {
  if (lastFailure === undefined || now >= Date.parse(lastFailure.nextAttemptAt)) return false;
  return certificate === undefined || isTolerated(certificate, settings, now);
}

/** Whether a failure is only a warning yet: enough validity of the certificate in use is left. */
export function isTolerated(
  certificate: StoredValidity,
  { renewBefore, toleratesFailureUntil }: RenewalSettings,
  now: number,
): boolean {
  const validity = validityOf(certificate);
  return validity.notAfter - now > toleratedSpan(validity, renewBefore, toleratesFailureUntil);
}
