import { createPrivateKey, sign, verify, createPublicKey } from "node:crypto";

import { describe, expect, it } from "vitest";

import { DERIVABLE_KEY_TYPES, derivePrivateKey, isDerivable } from "../../../sdk/x509/derived-key";
import { KEY_TYPES, keyTypeOf } from "../../../sdk/x509/keys";

const seed = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

/**
 * Made by another implementation, of RFC 5869 and FIPS 186-5 A.2.1. They never change: seeds lie in users' states.
 */
const KNOWN = {
  P256: "b2bff22dff0aa98e07d863f1f7b11a1711afff4acc3989bb7013b1cdfbd94db9",
  P384: "644e3289e7b285d17d92b8446792908f509793d57eeabcc00ed4638494d05e790e92deeef116759ab823701a44ef00b2",
  P521: "002ce574f551688ef01ccedb4e6074c643b9c3ad1835d1f4854ad33bed3c916dcb81e22affd9819de9b6b8b3acdf5081c328dcce0974eccae0d47ae208e37f393d20",
  Ed25519: "9c2fd92e1df77332025628cba5826b5f7bfaecc93766a8e6f56b5a47e0bb28e9",
};

function privateOctets(pem: string): string {
  const { d = "" } = createPrivateKey(pem).export({ format: "jwk" });
  return Buffer.from(d, "base64url").toString("hex");
}

describe("a key that is derived from a seed", () => {
  it.each(DERIVABLE_KEY_TYPES)("of type %s is the same in all versions", (keyType) => {
    const pem = derivePrivateKey(seed, keyType, "test");
    expect(privateOctets(pem)).toBe(KNOWN[keyType]);
    expect(keyTypeOf(pem)).toBe(keyType);
    expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^]+\n-----END PRIVATE KEY-----\n$/);
  });

  it.each(DERIVABLE_KEY_TYPES)("of type %s has the public key that belongs to it", (keyType) => {
    for (let round = 0; round < 50; round++) {
      const pem = derivePrivateKey(Buffer.alloc(32, round), keyType, "test");
      const hash = keyType === "Ed25519" ? null : "sha256";
      const signature = sign(hash, seed, pem);
      expect(verify(hash, seed, createPublicKey(pem), signature)).toBe(true);
      // From the private octets alone, OpenSSL finds the same public key.
      const jwk = createPublicKey(pem).export({ format: "jwk" });
      expect(createPrivateKey(pem).export({ format: "jwk" })).toMatchObject(jwk);
    }
  });

  it("is another one for another seed, another type and another purpose", () => {
    const keys = DERIVABLE_KEY_TYPES.flatMap((keyType) => [
      derivePrivateKey(seed, keyType, "test"),
      derivePrivateKey(seed, keyType, "test 2"),
      derivePrivateKey(Buffer.alloc(32), keyType, "test"),
    ]);
    expect(new Set(keys.map((pem) => privateOctets(pem).slice(0, 16)))).toHaveProperty(
      "size",
      keys.length,
    );
  });

  it("is never an RSA key", () => {
    expect(KEY_TYPES.filter((keyType) => !isDerivable(keyType))).toEqual([
      "RSA2048",
      "RSA3072",
      "RSA4096",
    ]);
  });
});
