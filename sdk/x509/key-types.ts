/** Kinds of private keys. */

export const KEY_TYPES = [
  "P256",
  "P384",
  "P521",
  "RSA2048",
  "RSA3072",
  "RSA4096",
  "Ed25519",
] as const;

/** A kind of key: the NIST curves for ECDSA, RSA with its number of bits, or Ed25519. */
export type KeyType = (typeof KEY_TYPES)[number];
