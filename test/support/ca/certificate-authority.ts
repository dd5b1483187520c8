/** A certificate authority for the TLS side of test servers. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { webcrypto } from "node:crypto";

export interface ServerCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface TestAuthority {
  /** The root: what a client has to trust. */
  readonly rootPem: string;
  /** A certificate for a server with these names and addresses, valid from `notBefore` on. */
  issue(names: readonly string[], validity?: Validity): Promise<ServerCertificate>;
}

export interface Validity {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 3600 * 1000;

x509.cryptoProvider.set(webcrypto);

/** Makes a root, P-256. */
export async function createAuthority(
  commonName = "test root",
  notAfter = new Date(Date.now() + 30 * day),
): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys: keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - day),
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    rootPem: pem(root.toString("pem")),
    issue: (names, validity = {}) => issue(root, keys.privateKey, names, validity),
  };
}

async function issue(
  root: x509.X509Certificate,
  rootKey: webcrypto.CryptoKey,
  names: readonly string[],
  validity: Validity,
): Promise<ServerCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const leaf = await x509.X509CertificateGenerator.create({
    subject: `CN=${names[0] ?? "localhost"}`,
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: rootKey,
    signingAlgorithm: algorithm,
    notBefore: validity.notBefore ?? new Date(Date.now() - day),
    notAfter: validity.notAfter ?? new Date(Date.now() + 30 * day),
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? "ip" : "dns", value })),
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(root, false),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificatePem: pem(leaf.toString("pem")),
    privateKeyPem: pem(x509.PemConverter.encode(key, "PRIVATE KEY")),
  };
}

function pem(text: string): string {
  return `${text.trim()}\n`;
}
