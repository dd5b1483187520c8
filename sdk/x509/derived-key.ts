/**
 * Private keys that follow from a secret: one secret stands for a key of each kind. On node:crypto alone.
 *
 * What is derived from a seed must stay the same in all versions: seeds lie in users' states.
 */
import { createECDH, createPrivateKey, hkdfSync } from "node:crypto";

import type { KeyType } from "./key-types";

/** The kinds that can be derived; an RSA key would need a search for primes of our own. */
export const DERIVABLE_KEY_TYPES = ["P256", "P384", "P521", "Ed25519"] as const;

type DerivableKeyType = (typeof DERIVABLE_KEY_TYPES)[number];

/** SP 800-186 §3.2.1: the orders n of the groups. */
const CURVES = {
  P256: {
    curve: "prime256v1",
    crv: "P-256",
    octets: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  P384: {
    curve: "secp384r1",
    crv: "P-384",
    octets: 48,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  P521: {
    curve: "secp521r1",
    crv: "P-521",
    octets: 66,
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
} as const;

/** FIPS 186-5 A.2.1: so many bits more than the order has make the remainder as good as uniform. */
const EXTRA_OCTETS = 8;

/** RFC 8410 §7: what stands before the 32 octets of an Ed25519 key in PKCS#8. */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

export function isDerivable(keyType: KeyType): keyType is DerivableKeyType {
  return DERIVABLE_KEY_TYPES.some((type) => type === keyType);
}

/**
 * The key of this kind that follows from `seed`, in PKCS#8 PEM.
 *
 * @param seed - 32 octets or more, random and secret
 * @param purpose - what the key is for: other purposes give other keys
 * @see RFC 5869 (HKDF)
 */
export function derivePrivateKey(
  seed: Uint8Array,
  keyType: DerivableKeyType,
  purpose: string,
): string {
  const derive = (octets: number): Buffer =>
    Buffer.from(hkdfSync("sha512", seed, "", `${purpose} ${keyType}`, octets));
  if (keyType === "Ed25519") {
    const key = Buffer.concat([ED25519_PKCS8, derive(32)]);
    return toPem(createPrivateKey({ key, format: "der", type: "pkcs8" }));
  }
  const { curve, crv, octets, order } = CURVES[keyType];
  const random = BigInt(`0x${derive(octets + EXTRA_OCTETS).toString("hex")}`);
  const scalar = ((random % (order - 1n)) + 1n).toString(16).padStart(2 * octets, "0");
  const pair = createECDH(curve);
  pair.setPrivateKey(scalar, "hex");
  const point = pair.getPublicKey().subarray(1);
  const [d, x, y] = [
    Buffer.from(scalar, "hex"),
    point.subarray(0, octets),
    point.subarray(octets),
  ].map((part) => part.toString("base64url"));
  return toPem(createPrivateKey({ key: { kty: "EC", crv, d, x, y }, format: "jwk" }));
}

function toPem(key: ReturnType<typeof createPrivateKey>): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}
