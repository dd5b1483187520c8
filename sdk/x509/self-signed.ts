/** A self-signed certificate, for a service that does not start without one. */
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

export async function createSelfSigned(name: {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}): Promise<SelfSigned> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // Positive, and not zero: RFC 5280 §4.1.2.2.
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    name: "CN=self-signed stand-in",
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + VALID_DAYS * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      subjectAlternativeName(name.dnsNames ?? [], name.ipAddresses ?? []),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificatePem: encodePem("CERTIFICATE", new Uint8Array(certificate.rawData)),
    privateKeyPem: encodePem("PRIVATE KEY", new Uint8Array(pkcs8)),
  };
}
