/** What can be read in a certificate's chain, and is therefore in no state. */
import { X509Certificate } from "node:crypto";

import { sha256Of } from "../util/sha256";
import { singleLine } from "../util/text";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\r?\n?/g;

/** Outputs of a certificate that its full chain determines. */
export interface CertificateFacts {
  readonly certificatePem: string;
  readonly issuerPem: string;
  readonly serialNumber: string;
  readonly fingerprintSha256: string;
  readonly publicKeySha256: string;
  readonly issuerCommonName: string;
}

const READERS: {
  readonly [K in keyof CertificateFacts]: (leaf: string, ...issuers: string[]) => string;
} = {
  certificatePem: (leaf) => leaf,
  issuerPem: (_leaf, ...issuers) => issuers.join(""),
  serialNumber: (leaf) => new X509Certificate(leaf).serialNumber.toLowerCase(),
  fingerprintSha256: (leaf) => sha256Of(new X509Certificate(leaf).raw),
  publicKeySha256: (leaf) =>
    sha256Of(new X509Certificate(leaf).publicKey.export({ type: "spki", format: "der" }), "base64"),
  issuerCommonName: (leaf) => {
    // Unlike `issuer`, this is not escaped. The types do not know that one name may have several values.
    const { CN } = new X509Certificate(leaf).toLegacyObject().issuer as { CN?: string | string[] };
    return singleLine((Array.isArray(CN) ? CN[0] : CN) ?? "");
  },
};

/**
 * @returns `undefined` where there is no certificate: Pulumi's mocks in users' tests answer without one. The public
 *   types say `string`, since every real state has a certificate.
 */
export function certificateFact(
  fact: keyof CertificateFacts,
  fullchainPem: string | undefined,
): string {
  const [leaf, ...issuers] = fullchainPem?.match(CERTIFICATE) ?? [];
  return leaf === undefined ? (undefined as unknown as string) : READERS[fact](leaf, ...issuers);
}
