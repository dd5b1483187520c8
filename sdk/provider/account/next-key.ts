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

/** The next key, of this kind: a run that is killed in the middle finds the same again, unless it is the first of RSA. */
export async function nextKey(state: AccountPrivateState, keyType: KeyType): Promise<string> {
  const { nextKeySeed, triedKeyPem, nextAccountKeyPem } = state;
  if (isOfType(triedKeyPem, keyType)) return triedKeyPem;
  if (isDerivable(keyType)) return derived(nextKeySeed, keyType);
  if (isOfType(nextAccountKeyPem, keyType)) return nextAccountKeyPem;
  return await generatePrivateKey(keyType);
}

/** A key of which a state that was read before tells nothing. A run that is killed in the middle does not find it again. */
export async function freshKey(
  { triedKeyPem }: AccountPrivateState,
  keyType: KeyType,
): Promise<string> {
  return isOfType(triedKeyPem, keyType) ? triedKeyPem : await generatePrivateKey(keyType);
}

/** All keys that a run which was killed, or got no answer, may have given the account. */
export function possibleNextKeys({
  nextKeySeed,
  nextAccountKeyPem,
  triedKeyPem,
}: AccountPrivateState): readonly string[] {
  const kept = [triedKeyPem, nextAccountKeyPem].filter((pem) => pem !== undefined);
  return [...kept, ...DERIVABLE_KEY_TYPES.map((keyType) => derived(nextKeySeed, keyType))];
}

function isOfType(pem: string | undefined, keyType: KeyType): pem is string {
  return pem !== undefined && keyTypeOf(pem) === keyType;
}

function derived(seed: string, keyType: (typeof DERIVABLE_KEY_TYPES)[number]): string {
  return derivePrivateKey(Buffer.from(seed, "base64url"), keyType, "pulumi-acme account key");
}
