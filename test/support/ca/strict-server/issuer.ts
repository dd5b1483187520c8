/** The issuing side of the strict ACME server: real certificates for real requests. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { randomBytes, webcrypto } from "node:crypto";

export interface Identifier {
  readonly type: string;
  readonly value: string;
}

/** The contents of a certificate request; `undefined` if it is not one. */
export interface CertificateRequest {
  readonly identifiers: Identifier[];
  readonly publicKeySpki: Buffer;
  readonly signatureIsGood: boolean;
  readonly commonName?: string;
}

export interface IssuedCertificate {
  readonly leafDer: Buffer;
  readonly serialHex: string;
  /** The default chain first. */
  readonly chains: string[];
}

export interface Issuer {
  /** The root of the default chain. */
  readonly rootPem: string;
  issue(csrDer: Uint8Array, lifetimeSeconds: number): Promise<IssuedCertificate>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 3600 * 1000;

x509.cryptoProvider.set(webcrypto);

/** A root, one intermediate below it, and for each alternate chain another root that signed the intermediate, too. */
export async function createIssuer(alternateChains: number): Promise<Issuer> {
  const intermediateKeys = await newKeys();
  const names = ["strict root", ...Array.from({ length: alternateChains }, alternateName)];
  const roots = await Promise.all(names.map(newRoot));
  const intermediates = await Promise.all(
    roots.map(({ certificate, keys }) =>
      newAuthority("strict intermediate", intermediateKeys.publicKey, certificate, keys.privateKey),
    ),
  );
  const [firstIntermediate] = intermediates;
  const [firstRoot] = roots;
  if (firstIntermediate === undefined || firstRoot === undefined) throw new Error("no root");
  return {
    rootPem: pem(firstRoot.certificate),
    issue: async (csrDer, lifetimeSeconds) => {
      const leaf = await issueLeaf(
        csrDer,
        lifetimeSeconds,
        firstIntermediate,
        intermediateKeys.privateKey,
      );
      return {
        leafDer: Buffer.from(leaf.rawData),
        serialHex: leaf.serialNumber.toLowerCase(),
        chains: intermediates.map((intermediate) => pem(leaf) + pem(intermediate)),
      };
    },
  };
}

function alternateName(_: unknown, index: number): string {
  return `strict alternate root ${String(index + 1)}`;
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function newRoot(
  name: string,
): Promise<{ certificate: x509.X509Certificate; keys: webcrypto.CryptoKeyPair }> {
  const keys = await newKeys();
  return {
    certificate: await newAuthority(name, keys.publicKey, undefined, keys.privateKey),
    keys,
  };
}

/** @param issuer - absent: self-signed */
async function newAuthority(
  name: string,
  publicKey: webcrypto.CryptoKey,
  issuer: x509.X509Certificate | undefined,
  signingKey: webcrypto.CryptoKey,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer?.subject ?? `CN=${name}`,
    publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 3650 * DAY),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(issuer === undefined
        ? []
        : [await x509.AuthorityKeyIdentifierExtension.create(issuer, false)]),
    ],
  });
}

async function issueLeaf(
  csrDer: Uint8Array,
  lifetimeSeconds: number,
  issuer: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
): Promise<x509.X509Certificate> {
  const request = new x509.Pkcs10CertificateRequest(new Uint8Array(csrDer));
  const names = alternativeNames(request);
  const start = Math.floor(Date.now() / 1000) * 1000 - 60_000;
  // A set top bit in half of them: DER then has a leading zero, which many clients lose.
  return x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString("hex"),
    subject: request.subject,
    issuer: issuer.subject,
    publicKey: request.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(start),
    notAfter: new Date(start + lifetimeSeconds * 1000),
    extensions: [
      ...(names === undefined ? [] : [names]),
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer, false),
    ],
  });
}

function alternativeNames(
  request: x509.Pkcs10CertificateRequest,
): x509.SubjectAlternativeNameExtension | undefined {
  return request.extensions.find(
    (extension) => extension instanceof x509.SubjectAlternativeNameExtension,
  );
}

export async function readCertificateRequest(
  csrDer: Uint8Array,
): Promise<CertificateRequest | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(new Uint8Array(csrDer));
    const names = alternativeNames(request);
    const [commonName] = request.subjectName.getField("CN");
    return {
      identifiers: (names?.names.items ?? []).map(({ type, value }) => ({ type, value })),
      publicKeySpki: Buffer.from(request.publicKey.rawData),
      signatureIsGood: await request.verify(),
      commonName,
    };
  } catch {
    return undefined;
  }
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem").trim()}\n`;
}
