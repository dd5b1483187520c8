/** PKCS#10 certification requests: creating them, and reading those of users. */
import { createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import { isIP } from "node:net";

import { ConfigurationError } from "../util/errors";
import { asSet, canonicalAddress, normalizeDnsName } from "../util/names";
import { decodeBase64, readPem } from "../util/pem";
import { singleLine } from "../util/text";
import { damaged, verifyRequestSignature } from "./csr-signature";
import { readElement } from "./der";
import { readPrivateKey, spkiSha256 } from "./keys";
import { OID, x509 } from "./library";
import { subjectAlternativeName, subjectNames } from "./names";

const LABELS = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

export interface CertificateRequestContent {
  readonly privateKeyPem: string;
  /** A-labels. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Default: none, the subject is empty. */
  readonly commonName?: string | undefined;
  /** Asks for the TLS feature `status_request`, RFC 7633. Default false. */
  readonly mustStaple?: boolean | undefined;
}

/** A request signed by the private key, in DER as the order's `finalize` takes it. @see RFC 2986, RFC 8555 §7.4 */
export async function createCertificateRequest(
  content: CertificateRequestContent,
): Promise<Uint8Array> {
  const { commonName } = content;
  const signingAlgorithm = webAlgorithm(readPrivateKey(content.privateKeyPem));
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: commonName === undefined ? undefined : new x509.Name([{ CN: [commonName] }]),
    keys: await importKeyPair(content.privateKeyPem, signingAlgorithm),
    signingAlgorithm,
    extensions: [
      subjectAlternativeName(content.dnsNames, content.ipAddresses),
      ...(content.mustStaple === true ? [mustStapleExtension()] : []),
    ],
  });
  return new Uint8Array(request.rawData);
}

export interface CertificateRequestFacts {
  der: Uint8Array;
  /** A-labels in lower case, sorted; with the common name where it is a DNS name, as RFC 8555 §7.4 reads requests. */
  dnsNames: string[];
  /** RFC 5952, sorted. */
  ipAddresses: string[];
  commonName?: string;
  publicKeySha256: string;
}

/**
 * What a request in PEM form asks for; its signature has been verified.
 *
 * @throws {@link ConfigurationError} for anything that a CA would refuse: no request, damaged, not signed
 *   by its own key, without names, or with names that ACME cannot validate.
 */
export function readCertificateRequest(pem: string): CertificateRequestFacts {
  const der = requestDer(pem);
  const request = parseRequest(der);
  const publicKey = publicKeyOf(request);
  verifyRequestSignature(der, publicKey);
  const { dnsNames, ipAddresses, others } = namesOf(request);
  if (others.length > 0) {
    throw new ConfigurationError(
      `the certificate request asks for names of the kind ${others.join(", ")}; ACME proves DNS names and IP addresses only`,
    );
  }
  dnsNames.forEach(requireNormalName);
  const commonName = request.subjectName.getField("CN")[0];
  const isAlone = dnsNames.length + ipAddresses.length === 0;
  if (commonName !== undefined) {
    if (isIP(commonName) !== 0) ipAddresses.push(canonicalAddress(commonName));
    else if (isHostName(commonName, isAlone)) dnsNames.push(commonName.toLowerCase());
  }
  if (dnsNames.length + ipAddresses.length === 0) {
    const label =
      commonName === undefined
        ? ""
        : `; its common name "${singleLine(commonName, 100)}" is neither`;
    throw new ConfigurationError(
      `the certificate request has no DNS name and no IP address${label}`,
    );
  }
  return {
    der,
    dnsNames: asSet(dnsNames),
    ipAddresses: asSet(ipAddresses),
    commonName,
    publicKeySha256: spkiSha256(publicKey),
  };
}

/** CAs compare the names of the request with those of the order, letter for letter. */
function requireNormalName(name: string): void {
  const normal = normalizeDnsName(name);
  if ("value" in normal && normal.value === name) return;
  const problem =
    "problem" in normal ? normal.problem : `"${singleLine(name, 260)}" must be "${normal.value}"`;
  throw new ConfigurationError(
    `the certificate request asks for a DNS name that no CA takes: ${problem}`,
  );
}

/**
 * Whether a common name is a DNS name that the CA will look for in the order, and not a label for people. One word is a
 * name only where there is no other.
 *
 * @see grindsa/acme2certifier#258
 */
function isHostName(commonName: string, isAlone: boolean): boolean {
  const normal = normalizeDnsName(commonName);
  if (!("value" in normal) || normal.value !== commonName.toLowerCase()) return false;
  return isAlone || commonName.includes(".");
}

type SigningAlgorithm = { name: string; namedCurve?: string; hash?: string };

/** The algorithm for the key; the hash is as strong as the curve, RFC 5758 §3.2. */
function webAlgorithm(key: KeyObject): SigningAlgorithm {
  const kind = key.asymmetricKeyType;
  if (kind === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (kind === "ed25519") return { name: "Ed25519" };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "prime256v1") return { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  if (curve === "secp384r1") return { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
  if (curve === "secp521r1") return { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" };
  throw new ConfigurationError(
    "the private key is of a kind that cannot sign certificate requests: use ECDSA, RSA or Ed25519",
  );
}

async function importKeyPair(
  privateKeyPem: string,
  algorithm: SigningAlgorithm,
): Promise<{ privateKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey }> {
  const key = readPrivateKey(privateKeyPem);
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]),
    webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  ]);
  return { privateKey, publicKey };
}

/** `SEQUENCE { INTEGER 5 }`: the TLS extension status_request. @see RFC 7633 §6 */
function mustStapleExtension(): x509.Extension {
  return new x509.Extension(OID.tlsFeature, false, new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x05]));
}

/** Text before the block is left out: `openssl req -text` writes the contents there. */
function requestDer(pem: string): Uint8Array {
  const { blocks, isDamaged } = readPem(pem);
  const [block, another] = blocks;
  if (block === undefined || another !== undefined || isDamaged || !LABELS.includes(block.label)) {
    throw new ConfigurationError(
      pem.includes("PRIVATE KEY-----")
        ? "the text holds a private key; give the certificate request alone"
        : 'the text is not one certificate request in PEM form, which begins with "-----BEGIN CERTIFICATE REQUEST-----"',
    );
  }
  const der = decodeBase64(block.body);
  if (der === undefined) throw damaged();
  return new Uint8Array(der);
}

function parseRequest(der: Uint8Array): x509.Pkcs10CertificateRequest {
  try {
    if (readElement(der, 0).end !== der.length) throw new RangeError("trailing octets");
    return new x509.Pkcs10CertificateRequest(der);
  } catch (cause) {
    throw damaged(cause);
  }
}

function namesOf(request: x509.Pkcs10CertificateRequest): ReturnType<typeof subjectNames> {
  try {
    return subjectNames(request.extensions);
  } catch (cause) {
    throw damaged(cause);
  }
}

function publicKeyOf(request: x509.Pkcs10CertificateRequest): KeyObject {
  try {
    const key = Buffer.from(request.publicKey.rawData);
    return createPublicKey({ key, type: "spki", format: "der" });
  } catch (cause) {
    throw damaged(cause);
  }
}
