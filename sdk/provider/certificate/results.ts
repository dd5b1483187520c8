/** From what was obtained to what is kept: the outputs of an `AcmeCertificate`. */
import type { CertificateArguments } from "../../issuance/arguments";
import { renewalInstant } from "../../issuance/renewal";
import type { StoredRenewalInfo } from "../../issuance/renewal-info";
import { instant } from "../../util/duration";
import type { CertificateFacts } from "../../x509/certificate";
import { type CertificateState, type IssuedState, validityOf } from "./state";

export interface Results {
  readonly leafPem: string;
  readonly issuerPem: string;
  readonly fullchainPem: string;
  readonly leaf: CertificateFacts;
  /** Absent with a CSR. */
  readonly privateKeyPem?: string;
  /** These three are absent for an adopted certificate. */
  readonly certificateUrl?: string;
  readonly profile?: string;
  readonly issuedBy?: string;
}

/** The state after a success: nothing pending, no failure. */
export function issuedState(
  results: Results,
  news: CertificateArguments,
  renewalInfo: StoredRenewalInfo | undefined,
): IssuedState {
  const { leaf } = results;
  const facts = {
    certificatePem: results.leafPem,
    issuerPem: results.issuerPem,
    fullchainPem: results.fullchainPem,
    privateKeyPem: results.privateKeyPem,
    dnsNames: leaf.dnsNames,
    ipAddresses: leaf.ipAddresses,
    serialNumber: leaf.serialNumber,
    fingerprintSha256: leaf.fingerprintSha256,
    publicKeySha256: leaf.publicKeySha256,
    notBefore: instant(leaf.notBefore),
    notAfter: instant(leaf.notAfter),
    issuerCommonName: leaf.issuerCommonName,
    certificateUrl: results.certificateUrl,
    profile: results.profile,
    issuedBy: results.issuedBy,
  };
  return {
    __arguments: news,
    ...facts,
    renewalInfo,
    renewAt: renewAt(facts, news, renewalInfo),
  };
}

/** The instant of renewal for what is in the state, by the settings of `news`. */
export function renewAt(
  facts: Pick<IssuedState, "notBefore" | "notAfter" | "fingerprintSha256">,
  news: Pick<CertificateArguments, "renewBefore" | "useRenewalInfo">,
  info: StoredRenewalInfo | undefined,
): string {
  const validity = validityOf(facts);
  const usable = news.useRenewalInfo === false ? undefined : info;
  const window =
    usable === undefined
      ? undefined
      : { start: Date.parse(usable.windowStart), end: Date.parse(usable.windowEnd) };
  return instant(renewalInstant(validity, news.renewBefore, window, facts.fingerprintSha256));
}

/** PKCS#12 is made once per certificate and password: its bytes differ each time. */
export async function withPkcs12(
  state: CertificateState,
  news: CertificateArguments,
): Promise<CertificateState> {
  const { fullchainPem, privateKeyPem } = state;
  const password = news.pkcs12Password;
  if (password === undefined || fullchainPem === undefined || privateKeyPem === undefined) {
    return { ...state, pkcs12: undefined };
  }
  const { createPkcs12 } = await import("../../x509/pkcs12.js");
  const der = await createPkcs12({ fullchainPem, privateKeyPem, password });
  return { ...state, pkcs12: Buffer.from(der).toString("base64") };
}
