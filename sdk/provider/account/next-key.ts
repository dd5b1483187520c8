/**
 * The key that an account gets next. What it comes from lies in the state since the operation before: a run that is killed
 * after the CA took the key, and before the state was saved, does not lose the account.
 */
import { randomBytes } from "node:crypto";

import { DERIVABLE_KEY_TYPES, derivePrivateKey, isDerivable } from "../../x509/derived-key";
import { generatePrivateKey, type KeyType, keyTypeOf } from "../../x509/keys";
import type { AccountPrivateState } from "./state";

const SEED_OCTETS = 32;

/** @param keyType - of the account's present key: an RSA key cannot be derived, the next one is made in advance */
export async function prepareNextKey(keyType: KeyType): Promise<AccountPrivateState> {
  return {
    nextKeySeed: randomBytes(SEED_OCTETS).toString("base64url"),
    nextAccountKeyPem: isDerivable(keyType) ? undefined : await generatePrivateKey(keyType),
  };
}

/** The next key, of this kind: the prepared one, or, for RSA where none is prepared, one that nobody has yet. */
export async function nextKey(
  { nextKeySeed, nextAccountKeyPem }: AccountPrivateState,
  keyType: KeyType,
): Promise<string> {
  if (isDerivable(keyType)) return derived(nextKeySeed, keyType);
  const isPrepared = nextAccountKeyPem !== undefined && keyTypeOf(nextAccountKeyPem) === keyType;
  return isPrepared ? nextAccountKeyPem : await generatePrivateKey(keyType);
}

/** All keys that a run which was killed may have given the account. */
export function possibleNextKeys({
  nextKeySeed,
  nextAccountKeyPem,
}: AccountPrivateState): readonly string[] {
  const prepared = nextAccountKeyPem === undefined ? [] : [nextAccountKeyPem];
  return [...prepared, ...DERIVABLE_KEY_TYPES.map((keyType) => derived(nextKeySeed, keyType))];
}

function derived(seed: string, keyType: (typeof DERIVABLE_KEY_TYPES)[number]): string {
  return derivePrivateKey(Buffer.from(seed, "base64url"), keyType, "pulumi-acme account key");
}
