/**
 * What the CA says about when to renew a certificate.
 *
 * @see RFC 9773, ACME Renewal Information (ARI)
 */
import { type AcmeClient, certId, getRenewalInfo } from "../acme";
import { instant } from "../util/instant";
import { describeCertificate } from "../x509/certificate";

/** The CA's answer about one certificate, with times as RFC 3339, as the state keeps it. RFC 9773 §4.2. */
export interface StoredRenewalInfo {
  readonly certId: string;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly explanationUrl?: string;
  readonly checkedAt: string;
  readonly nextCheckAt: string;
}

/** The certificate's ARI identifier; `undefined` where it has no authority key identifier (private CAs). */
export function renewalInfoId(certificatePem: string): string | undefined {
  const { authorityKeyIdentifier, serialNumberDer } = describeCertificate(certificatePem);
  return authorityKeyIdentifier === undefined
    ? undefined
    : certId(authorityKeyIdentifier, serialNumberDer);
}

/** What came of asking for it; empty where the CA has none, or the certificate has no identifier. */
export interface RenewalAdvice {
  readonly renewalInfo?: StoredRenewalInfo;
  /** The CA failed, or its answer cannot be used: not to be asked before, RFC 3339. */
  readonly askAgainAt?: string;
}

/** Asks the CA for the renewal window. */
export async function fetchRenewalInfo(
  client: AcmeClient,
  id: string | undefined,
  signal: AbortSignal,
): Promise<RenewalAdvice> {
  const info = id === undefined ? undefined : await getRenewalInfo(client, id, { signal });
  if (id === undefined || info === undefined) return {};
  const { window, explanationUrl } = info;
  const nextCheckAt = instant(info.retryAfterAt);
  if (window === undefined) return { askAgainAt: nextCheckAt };
  const [windowStart, windowEnd] = [instant(window.start), instant(window.end)];
  const checkedAt = instant(Date.now());
  return {
    renewalInfo: { certId: id, windowStart, windowEnd, explanationUrl, checkedAt, nextCheckAt },
  };
}
