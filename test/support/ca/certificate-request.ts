/** Keys and certificate requests for tests of the protocol. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { generateKeyPairSync, webcrypto } from "node:crypto";
import { loadAccountKey, type AccountKey, type AcmeIdentifier } from "../../../sdk/acme";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

x509.cryptoProvider.set(webcrypto);

/** A new P-256 account key. */
export function newAccountKey(): Promise<AccountKey> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return loadAccountKey(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

/** A certificate request for the identifiers, without a subject, and the key in it (PKCS#8). */
export async function certificateRequest(
  identifiers: readonly AcmeIdentifier[],
): Promise<{ csrDer: Uint8Array; privateKeyPem: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        identifiers.map(({ type, value }) => ({ type, value })),
      ),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    csrDer: new Uint8Array(request.rawData),
    privateKeyPem: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}

/** The leaf of a chain, in DER. */
export function leafDer(chainPem: string): Uint8Array {
  return new Uint8Array(new x509.X509Certificate(chainPem).rawData);
}
