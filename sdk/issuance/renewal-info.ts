/**
 * What the CA says about when to renew a certificate.
 *
 * @see RFC 9773, ACME Renewal Information (ARI)
 */
import { type AcmeServer, certId, getRenewalInfo, type RenewalInfo } from "../acme";
import { describeCertificate } from "../x509/certificate";

/** The CA's word on one certificate. */
export interface CertificateRenewalInfo extends RenewalInfo {
  readonly certId: string;
}

/** The certificate's ARI identifier; `undefined` where it has no authority key identifier (private CAs). */
export function renewalInfoId(certificatePem: string): string | undefined {
  const { authorityKeyIdentifier, serialNumberDer } = describeCertificate(certificatePem);
  return authorityKeyIdentifier === undefined
    ? undefined
    : certId(authorityKeyIdentifier, serialNumberDer);
}

/** Asks the CA for the renewal window; `undefined` where it offers none or does not answer. */
export async function fetchRenewalInfo(
  client: AcmeServer,
  certificatePem: string,
  signal: AbortSignal,
): Promise<CertificateRenewalInfo | undefined> {
  const id = renewalInfoId(certificatePem);
  const info = id === undefined ? undefined : await getRenewalInfo(client, id, { signal });
  return id === undefined || info === undefined ? undefined : { certId: id, ...info };
}
