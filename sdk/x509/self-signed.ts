/** Self-signed certificates. */
import { randomBytes, webcrypto } from "node:crypto";

import { encodePem } from "../util/pem";
import { x509 } from "./library";
import { subjectAlternativeName } from "./names";

export interface SelfSigned {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 3650;

/** For a service that does not start without a certificate. */
export function createSelfSigned({
  dnsNames = [],
  ipAddresses = [],
}: {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}): Promise<SelfSigned> {
  return selfSigned("self-signed stand-in", { before: 1, after: VALID_DAYS }, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    subjectAlternativeName(dnsNames, ipAddresses),
  ]);
}

/**
 * With a key of its own.
 *
 * @param days - around now, in which it is valid
 */
export async function selfSigned(
  commonName: string,
  days: { readonly before: number; readonly after: number },
  extensions: x509.Extension[],
): Promise<SelfSigned> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // Positive, and not zero: RFC 5280 §4.1.2.2.
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    name: `CN=${commonName}`,
    notBefore: new Date(now - days.before * DAY_MS),
    notAfter: new Date(now + days.after * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions,
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificatePem: encodePem("CERTIFICATE", new Uint8Array(certificate.rawData)),
    privateKeyPem: encodePem("PRIVATE KEY", new Uint8Array(pkcs8)),
  };
}
