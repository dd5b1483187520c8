/** Account keys. */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { ConfigurationError } from "../util/errors";

const EC_ALGORITHMS: Record<string, SignatureAlgorithm | undefined> = {
  prime256v1: "ES256",
  secp384r1: "ES384",
  secp521r1: "ES512",
};

const MIN_RSA_BITS = 2048;

/**
 * The signature algorithms of account keys.
 *
 * RFC 8555 §6.2: "The 'alg' field MUST NOT contain 'none' or a MAC algorithm".
 */
export type SignatureAlgorithm = "ES256" | "ES384" | "ES512" | "RS256" | "EdDSA";

/** The public members of a key, and no other. */
export type PublicJwk =
  | { readonly kty: "EC"; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: "RSA"; readonly e: string; readonly n: string }
  | { readonly kty: "OKP"; readonly crv: string; readonly x: string };

export interface AccountKey {
  readonly algorithm: SignatureAlgorithm;
  readonly publicJwk: PublicJwk;
  /** RFC 7638 with SHA-256, base64url. */
  readonly thumbprint: string;
  /** For this folder alone. */
  readonly privateKey: KeyObject;
}

/**
 * Reads a private key in PEM: PKCS#8, SEC 1 or PKCS#1, not encrypted; P-256, P-384, P-521, RSA of 2048 bits or more,
 * or Ed25519.
 *
 * @throws {@link ConfigurationError} that says what the text is instead, without quoting it
 */
export async function loadAccountKey(pem: string): Promise<AccountKey> {
  const privateKey = parsePrivateKey(pem);
  const algorithm = algorithmOf(privateKey);
  const publicJwk = publicMembers(createPublicKey(privateKey).export({ format: "jwk" }));
  const thumbprint = await calculateJwkThumbprint(publicJwk, "sha256");
  return { algorithm, publicJwk, thumbprint, privateKey };
}

function parsePrivateKey(pem: string): KeyObject {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  if (label === undefined) throw new ConfigurationError("acme: the account key is not PEM");
  if (label === "ENCRYPTED PRIVATE KEY" || pem.includes("Proc-Type: 4,ENCRYPTED")) {
    throw new ConfigurationError("acme: the account key is encrypted; give it without a password");
  }
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's message does not help a user.
    throw new ConfigurationError(`acme: the account key cannot be read (it is a PEM "${label}")`);
  }
}

function algorithmOf(key: KeyObject): SignatureAlgorithm {
  const details = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ed25519") return "EdDSA";
  if (key.asymmetricKeyType === "ec") {
    const algorithm = EC_ALGORITHMS[details.namedCurve ?? ""];
    if (algorithm !== undefined) return algorithm;
    throw unsuitable(`an EC key on ${details.namedCurve ?? "an unnamed curve"}`);
  }
  if (key.asymmetricKeyType === "rsa") {
    const bits = details.modulusLength ?? 0;
    if (bits >= MIN_RSA_BITS) return "RS256";
    throw unsuitable(`an RSA key of ${String(bits)} bits`);
  }
  throw unsuitable(`a key of type ${key.asymmetricKeyType ?? "unknown"}`);
}

function unsuitable(found: string): ConfigurationError {
  return new ConfigurationError(
    `acme: the account key is ${found}; use P-256, P-384, P-521, RSA of 2048 bits or more, or Ed25519`,
  );
}

/** Named one by one: a private member that got in would be sent to the CA with every request. */
function publicMembers(jwk: JsonWebKey): PublicJwk {
  const { kty, crv = "", x = "", y = "", e = "", n = "" } = jwk;
  if (kty === "EC") return { kty, crv, x, y };
  if (kty === "OKP") return { kty, crv, x };
  return { kty: "RSA", e, n };
}
