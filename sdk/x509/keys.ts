/** Private keys of accounts and certificates, as PEM text. On node:crypto alone. */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

import { ConfigurationError } from "../util/errors";
import { readPem } from "../util/pem";
import { sha256Of } from "../util/sha256";
import { KEY_TYPES, type KeyType } from "./key-types";

export { KEY_TYPES, type KeyType };

const PKCS8 = { type: "pkcs8", format: "pem" } as const;

/** OpenSSL's names of the curves that Web PKI and JOSE share. */
const CURVES: Record<string, KeyType> = {
  prime256v1: "P256",
  secp384r1: "P384",
  secp521r1: "P521",
};

/** No public CA accepts a shorter RSA key. */
const MIN_RSA_BITS = 2048;

const generate = promisify(generateKeyPair);

/** A new private key, PKCS#8 PEM with one trailing newline. Made in the thread pool: RSA4096 can take seconds. */
export async function generatePrivateKey(keyType: KeyType): Promise<string> {
  const { privateKey } = await generateKeys(keyType);
  return privateKey.export(PKCS8) as string;
}

function generateKeys(keyType: KeyType): Promise<{ privateKey: KeyObject }> {
  switch (keyType) {
    case "P256":
    case "P384":
    case "P521":
      return generate("ec", { namedCurve: `P-${keyType.slice(1)}` });
    case "RSA2048":
    case "RSA3072":
    case "RSA4096":
      return generate("rsa", { modulusLength: Number(keyType.slice(3)) });
    case "Ed25519":
      return generate("ed25519", {});
  }
}

/**
 * `pem` as PKCS#8 PEM with one trailing newline. Reads PKCS#8, SEC 1 (`EC PRIVATE KEY`) and PKCS#1 (`RSA PRIVATE KEY`).
 *
 * @throws {@link ConfigurationError} saying what the text is instead, without quoting it: encrypted, a certificate,
 *   OpenSSH's own format, several keys, or a key that no CA accepts.
 */
export function normalizePrivateKey(pem: string): string {
  const key = readPrivateKey(pem);
  if (typeOf(key) === undefined && !isLongRsa(key)) {
    throw new ConfigurationError(
      `the private key is ${describe(key)}; usable are ECDSA on P-256, P-384 or P-521, ` +
        `RSA from ${String(MIN_RSA_BITS)} bits, and Ed25519`,
    );
  }
  return key.export(PKCS8) as string;
}

/** The key's type; `undefined` for one that is not among {@link KEY_TYPES}, such as RSA of another size. */
export function keyTypeOf(privateKeyPem: string): KeyType | undefined {
  return typeOf(readPrivateKey(privateKeyPem));
}

/**
 * Base64 of the SHA-256 of the public key's SubjectPublicKeyInfo, of a private key, a certificate (the first of a
 * chain) or a public key: equal exactly where the keys are.
 *
 * @see RFC 7469 §2.4, which pins keys in this form
 */
export function publicKeySha256(pem: string): string {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    // OpenSSL's reason does not help a user, and might quote the text.
    throw new ConfigurationError("the PEM text holds no key and no certificate that can be read");
  }
  return spkiSha256(key);
}

/** Whether the certificate (the first of a chain) is for this private key. */
export function isSameKey(privateKeyPem: string, certificatePem: string): boolean {
  return publicKeySha256(privateKeyPem) === publicKeySha256(certificatePem);
}

/** {@link publicKeySha256} of a public key that has been read. */
export function spkiSha256(publicKey: KeyObject): string {
  return sha256Of(publicKey.export({ type: "spki", format: "der" }), "base64");
}

/** The private key in `pem`, whichever its kind. @throws {@link ConfigurationError} */
export function readPrivateKey(pem: string): KeyObject {
  const [block, another] = readPem(pem).blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) throw new ConfigurationError(whatElse(pem));
  if (another !== undefined)
    throw new ConfigurationError("the PEM text holds several private keys");
  if (block.label.startsWith("ENCRYPTED") || /^Proc-Type:.*ENCRYPTED/m.test(block.body)) {
    throw new ConfigurationError(
      "the private key is encrypted; decrypt it (openssl pkey -in … -out …) and keep it as a Pulumi secret instead",
    );
  }
  if (block.label.startsWith("OPENSSH")) {
    throw new ConfigurationError(
      "the private key is in OpenSSH's own format; convert a copy of it with ssh-keygen -p -m PKCS8 -f …",
    );
  }
  try {
    return createPrivateKey(block.text);
  } catch {
    throw new ConfigurationError("the PEM text of the private key is damaged and cannot be read");
  }
}

function whatElse(pem: string): string {
  const wanted = 'a private key in PEM form, which begins with "-----BEGIN PRIVATE KEY-----"';
  const label = /-----BEGIN (CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY)-----/.exec(pem)?.[1];
  if (label !== undefined) return `the PEM text is a ${label.toLowerCase()}, not ${wanted}`;
  if (pem.includes("PRIVATE KEY-----")) return "the PEM text of the private key is cut off";
  return `the text is not ${wanted}`;
}

function typeOf(key: KeyObject): KeyType | undefined {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case "ec":
      return CURVES[details?.namedCurve ?? ""];
    case "rsa":
      return KEY_TYPES.find((type) => type === `RSA${String(details?.modulusLength)}`);
    case "ed25519":
      return "Ed25519";
    default:
      return undefined;
  }
}

function isLongRsa(key: KeyObject): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return key.asymmetricKeyType === "rsa" && bits >= MIN_RSA_BITS;
}

function describe(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa") return `RSA of ${String(modulusLength)} bits`;
  if (key.asymmetricKeyType === "ec") return `ECDSA on ${namedCurve ?? "a curve without a name"}`;
  return String(key.asymmetricKeyType);
}
