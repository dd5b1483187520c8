/** Verifies the signatures of a client with nothing but node:crypto, so that no bug is shared with it. */
import {
  createHash,
  createHmac,
  createPublicKey,
  timingSafeEqual,
  verify,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";

import type { Complain } from "./deviations";

export interface Jws {
  readonly header: Readonly<Record<string, unknown>>;
  /** `undefined`: the empty payload of POST-as-GET. */
  readonly payload: unknown;
  /** `protected.payload`, which is what is signed. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** Reads a flattened JWS. Violations go to `complain`; `undefined` if it is not a JWS. */
export function readJws(value: unknown, complain: Complain): Jws | undefined {
  if (typeof value !== "object" || value === null) {
    complain("malformed JWS", "the body is no JSON object");
    return undefined;
  }
  const members = Object.keys(value).sort().join(", ");
  if (members !== "payload, protected, signature") {
    complain(
      "malformed JWS",
      `a flattened JWS has protected, payload, signature; this one has ${members}`,
    );
  }
  const { protected: head, payload, signature } = value as Record<string, unknown>;
  if (typeof head !== "string" || typeof payload !== "string" || typeof signature !== "string") {
    complain("malformed JWS", "a member of the JWS is no string");
    return undefined;
  }
  for (const [name, text] of Object.entries({ head, payload, signature })) {
    if (!/^[A-Za-z0-9_-]*$/.test(text))
      complain("base64url with padding", `${name} is not base64url without padding`);
  }
  const header = parse(head);
  if (typeof header !== "object" || header === null) {
    complain("malformed JWS", "the protected header is no JSON object");
    return undefined;
  }
  const content = payload === "" ? undefined : parse(payload);
  if (payload !== "" && content === undefined) complain("malformed JWS", "the payload is no JSON");
  return {
    header: header as Record<string, unknown>,
    payload: content,
    signingInput: `${head}.${payload}`,
    signature: Buffer.from(signature, "base64url"),
  };
}

function parse(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Whether a key that may be of any kind has signed it with the algorithm in its header. */
export function isSignedBy(jws: Jws, jwk: Readonly<Record<string, unknown>>): boolean {
  const key = publicKey(jwk);
  if (key === undefined) return false;
  const input = Buffer.from(jws.signingInput);
  const { alg } = jws.header;
  const curve = { ES256: "P-256", ES384: "P-384", ES512: "P-521" }[String(alg)];
  const hash = { ES256: "sha256", ES384: "sha384", ES512: "sha512", RS256: "sha256" }[String(alg)];
  if (curve !== undefined) {
    if (jwk["crv"] !== curve) return false;
    return verify(hash, input, { key, dsaEncoding: "ieee-p1363" }, jws.signature);
  }
  if (alg === "RS256") return jwk["kty"] === "RSA" && verify(hash, input, key, jws.signature);
  if (alg === "EdDSA") return jwk["kty"] === "OKP" && verify(null, input, key, jws.signature);
  return false;
}

function publicKey(jwk: Readonly<Record<string, unknown>>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch {
    return undefined;
  }
}

/** Whether the MAC is right. */
export function isMacedBy(jws: Jws, key: Uint8Array): boolean {
  const hash = { HS256: "sha256", HS384: "sha384", HS512: "sha512" }[String(jws.header["alg"])];
  if (hash === undefined) return false;
  const expected = createHmac(hash, key).update(jws.signingInput).digest();
  return expected.length === jws.signature.length && timingSafeEqual(expected, jws.signature);
}

/** Complains about a `jwk` that has more than the public members, or less. */
export function checkPublicJwk(
  jwk: unknown,
  complain: Complain,
): Record<string, unknown> | undefined {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const key = jwk as Record<string, unknown>;
  const expected = { EC: "crv, kty, x, y", RSA: "e, kty, n", OKP: "crv, kty, x" }[
    String(key["kty"])
  ];
  const members = Object.keys(key).sort().join(", ");
  if (members !== expected)
    complain("wrong members in the jwk", `the jwk has the members ${members}`);
  return key;
}

/** RFC 7638. */
export function thumbprint(jwk: Readonly<Record<string, unknown>>): string {
  const members = {
    EC: ["crv", "kty", "x", "y"],
    RSA: ["e", "kty", "n"],
    OKP: ["crv", "kty", "x"],
  }[String(jwk["kty"])];
  const canonical = JSON.stringify(jwk, members);
  // JSON.stringify keeps the order of the list, which is the lexicographic one that the RFC requires.
  return createHash("sha256").update(canonical).digest("base64url");
}
