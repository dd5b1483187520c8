/** Checks of a certificate chain before it replaces another. */
import { X509Certificate } from "node:crypto";

import { instant } from "../util/instant";
import { canonicalAddress } from "../util/names";
import { sha256Of } from "../util/sha256";
import { enumerate, singleLine } from "../util/text";
import { type CertificateFacts, describeCertificate } from "./certificate";
import { CertificateError, splitCertificates } from "./pem";

export interface ExpectedCertificate {
  /** Of the key in the certificate request, base64. */
  readonly publicKeySha256: string;
  /** A-labels. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface CheckedChain {
  readonly leafPem: string;
  /** The certificates between leaf and root, in order; empty where the CA sent none. */
  readonly issuerPem: string;
  readonly fullchainPem: string;
  readonly leaf: CertificateFacts;
  /** What is unusual, but no reason to refuse the chain. */
  readonly warnings: string[];
}

/** Clocks differ: a certificate that becomes valid within this time needs no warning. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** Beyond this it is no difference of clocks, and servers would hand out a certificate that nobody accepts. */
export const MAX_CLOCK_SKEW_MS = 86_400_000;

/**
 * The parts of a chain that a CA sent, after these checks: nothing but certificates, each signed by the next, for our
 * key, with all names that were requested, and valid now. One that is out of order is put in order.
 *
 * @throws {@link CertificateError} saying what is broken.
 * @see RFC 8555 §7.4.2, §9.1, §11.4
 */
export function checkChain(chainPem: string, expected: ExpectedCertificate): CheckedChain {
  const sent = splitCertificates(chainPem);
  const ordered = fromLeafToRoot(sent);
  const [leafPem = "", ...issuers] = ordered;
  const leaf = describeCertificate(leafPem);
  requireKey(leaf, issuers, expected);
  checkOrder(ordered);
  checkValidity(leaf, expected.now);
  const isMoved = ordered.some((pem, index) => pem !== sent[index]);
  const warnings = [
    ...(isMoved
      ? ["the CA sent the certificates of the chain out of order: they were put in order"]
      : []),
    ...checkNames(leaf, expected),
    ...startsLater(leaf, expected.now),
    ...(issuers.length === 0 && !isSelfSigned(leafPem)
      ? ["the CA sent the certificate without its issuer's; clients may not trust it"]
      : []),
  ];
  return {
    leafPem,
    issuerPem: issuers.join(""),
    fullchainPem: [leafPem, ...issuers].join(""),
    leaf,
    warnings,
  };
}

/**
 * Whether this is the chain that `preferred` names: the common name of its root (the topmost issuer, whether or not
 * its certificate is in the chain) or of the leaf's issuer, letter for letter; or the SHA-256 fingerprint of any
 * certificate above the leaf, in hexadecimal with or without colons.
 *
 * Names between the two do not count: in the chain to avoid, a cross-signed root is an intermediate.
 */
export function chainMatches(chainPem: string, preferred: string): boolean {
  const certificates = fromLeafToRoot(splitCertificates(chainPem));
  const wanted = preferred.trim();
  const hex = wanted.replace(/:/g, "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) {
    return certificates.slice(1).some((pem) => sha256Of(new X509Certificate(pem).raw) === hex);
  }
  return [certificates.at(0), certificates.at(-1)].some(
    (pem) => pem !== undefined && describeCertificate(pem).issuerCommonName === wanted,
  );
}

/** The chain with its leaf first, and each certificate's issuer after it, in whatever order the CA sent them. */
export function inOrder(chainPem: string): string {
  return fromLeafToRoot(splitCertificates(chainPem)).join("");
}

/** As they were, where they make no chain. @see PKISharp/ACME-PS#120 */
function fromLeafToRoot(sent: readonly string[]): readonly string[] {
  const certificates = sent.map((pem) => ({ pem, x509: new X509Certificate(pem) }));
  const leaf = certificates.find((one) =>
    certificates.every((other) => other === one || !other.x509.checkIssued(one.x509)),
  );
  const chain = leaf === undefined ? [] : [leaf];
  for (let last = leaf; last !== undefined;) {
    const child = last;
    last = certificates.find((one) => !chain.includes(one) && child.x509.checkIssued(one.x509));
    if (last !== undefined) chain.push(last);
  }
  return chain.length === sent.length ? chain.map(({ pem }) => pem) : sent;
}

function requireKey(
  leaf: CertificateFacts,
  issuers: readonly string[],
  { publicKeySha256 }: ExpectedCertificate,
): void {
  if (leaf.publicKeySha256 === publicKeySha256) return;
  if (issuers.some((pem) => describeCertificate(pem).publicKeySha256 === publicKeySha256)) {
    throw new CertificateError(
      "the chain is broken: the certificate for our key is not its first one, and the others do not lead up from it",
    );
  }
  throw mismatch("the certificate is for another key than the certificate request");
}

function checkValidity({ notBefore, notAfter }: CertificateFacts, now: number): void {
  const question = "is this machine's clock right?";
  if (notAfter.getTime() <= now) {
    throw mismatch(
      `the certificate has expired: it was valid until ${instant(notAfter)}; ${question}`,
    );
  }
  if (notBefore >= notAfter) {
    throw new CertificateError(
      `the certificate ends before it begins: valid from ${instant(notBefore)} to ${instant(notAfter)}`,
    );
  }
  if (notBefore.getTime() > now + MAX_CLOCK_SKEW_MS) {
    throw new CertificateError(
      `the certificate is not valid yet: it will be from ${instant(notBefore)} on; ${question}`,
    );
  }
}

function mismatch(message: string): CertificateError {
  return new CertificateError(message, { isMismatch: true });
}

/* RFC 8555 §9.1: each following certificate directly certifies the one before it. */
function checkOrder(chain: readonly string[]): void {
  const certificates = chain.map((pem) => new X509Certificate(pem));
  certificates.slice(1).forEach((issuer, index) => {
    const certificate = certificates[index];
    if (certificate === undefined) return;
    const place = `certificate ${String(index + 2)} of the chain`;
    if (!certificate.checkIssued(issuer)) {
      throw new CertificateError(
        `the chain is broken or out of order: ${place} (${subjectOf(issuer)}) is not the issuer of the one before it (${subjectOf(certificate)})`,
      );
    }
    if (!certificate.verify(issuer.publicKey)) {
      throw new CertificateError(
        `the chain is broken: ${place} (${subjectOf(issuer)}) has not signed the one before it (${subjectOf(certificate)})`,
      );
    }
  });
}

function subjectOf(certificate: X509Certificate): string {
  // Undefined for an empty subject, in spite of its type.
  const subject = (certificate.subject as string | undefined) ?? "";
  return subject === "" ? "no subject" : singleLine(subject.replace(/\n/g, ", "), 120);
}

function isSelfSigned(pem: string): boolean {
  const certificate = new X509Certificate(pem);
  return certificate.checkIssued(certificate);
}

function checkNames(leaf: CertificateFacts, expected: ExpectedCertificate): string[] {
  const wanted = [
    ...expected.dnsNames.map((name) => name.toLowerCase()),
    ...expected.ipAddresses.map(canonicalAddress),
  ];
  const certified = [...leaf.dnsNames, ...leaf.ipAddresses];
  const missing = wanted.filter((name) => !certified.includes(name));
  if (missing.length > 0) {
    throw new CertificateError(
      `the certificate lacks ${enumerate(missing)}; it is for ${enumerate(certified)}`,
    );
  }
  const added = certified.filter((name) => !wanted.includes(name));
  return added.length === 0
    ? []
    : [`the CA added ${enumerate(added)} to the names of the certificate`];
}

function startsLater(leaf: CertificateFacts, now: number): string[] {
  if (leaf.notBefore.getTime() <= now + CLOCK_SKEW_MS) return [];
  return [`the certificate is not valid before ${instant(leaf.notBefore)}`];
}
