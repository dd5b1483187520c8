/** Certificate chains made to measure: root ← intermediate ← leaf, each wrong in the way a test wants. */
import { createPrivateKey, createPublicKey, webcrypto } from "node:crypto";

import { encodePem } from "../../../sdk/util/pem";
import { generatePrivateKey, type KeyType, publicKeySha256 } from "../../../sdk/x509/keys";
import { x509 } from "../../../sdk/x509/library";
import { subjectAlternativeName } from "../../../sdk/x509/names";

export const NOW = Date.parse("2026-06-01T12:00:00Z");
export const DAY = 24 * 3600 * 1000;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export interface Issuer {
  readonly name: string;
  readonly pem: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

export interface LeafOptions {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly serialNumber?: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly keyType?: KeyType;
  /** Default: a new one. */
  readonly privateKeyPem?: string;
  readonly commonName?: string;
  readonly withoutAuthorityKey?: boolean;
}

export interface Leaf {
  readonly pem: string;
  readonly privateKeyPem: string;
  readonly publicKeySha256: string;
}

/** A certificate authority; self-signed without `parent`. */
export async function createIssuer(name: string, parent?: Issuer): Promise<Issuer> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return certifyIssuer(name, keys, parent);
}

/** Another certificate for the same name and key: a cross-sign where `parent` is another. */
export async function certifyIssuer(
  name: string,
  keys: webcrypto.CryptoKeyPair,
  parent?: Issuer,
): Promise<Issuer> {
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${parent?.name ?? name}`,
    publicKey: keys.publicKey,
    signingKey: (parent?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(NOW - 1000 * DAY),
    notAfter: new Date(NOW + 1000 * DAY),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return { name, keys, pem: encodePem("CERTIFICATE", new Uint8Array(certificate.rawData)) };
}

export async function issueLeaf(issuer: Issuer, options: LeafOptions = {}): Promise<Leaf> {
  const privateKeyPem =
    options.privateKeyPem ?? (await generatePrivateKey(options.keyType ?? "P256"));
  const spki = createPublicKey(createPrivateKey(privateKeyPem)).export({
    type: "spki",
    format: "der",
  });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: options.commonName === undefined ? "" : `CN=${options.commonName}`,
    issuer: `CN=${issuer.name}`,
    publicKey: new x509.PublicKey(spki),
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm,
    serialNumber: options.serialNumber,
    notBefore: new Date(options.notBefore ?? NOW - DAY),
    notAfter: new Date(options.notAfter ?? NOW + 89 * DAY),
    extensions: [
      subjectAlternativeName(options.dnsNames ?? ["example.com"], options.ipAddresses ?? []),
      ...(options.withoutAuthorityKey === true
        ? []
        : [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)]),
    ],
  });
  return {
    pem: encodePem("CERTIFICATE", new Uint8Array(certificate.rawData)),
    privateKeyPem,
    publicKeySha256: publicKeySha256(privateKeyPem),
  };
}
