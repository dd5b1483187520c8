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

/** Asks the CA for the renewal window; `undefined` where it offers none, or the certificate has no identifier. */
export async function fetchRenewalInfo(
  client: AcmeClient,
  id: string | undefined,
  signal: AbortSignal,
): Promise<StoredRenewalInfo | undefined> {
  const info = id === undefined ? undefined : await getRenewalInfo(client, id, { signal });
  if (id === undefined || info === undefined) return undefined;
  return {
    certId: id,
    windowStart: instant(info.window.start),
    windowEnd: instant(info.window.end),
    explanationUrl: info.explanationUrl,
    checkedAt: instant(Date.now()),
    nextCheckAt: instant(info.retryAfterAt),
  };
}
