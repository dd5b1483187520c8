/** Which TXT record proves a name. Pure. @see RFC 8555 §8.4, draft-ietf-acme-dns-account-label §3 */
import { createHash } from "node:crypto";

import { challengeRecordName } from "../../util/challenge";
import { ChallengeError, type Proof } from "../solver";

/** The record's value: the digest of the key authorization. */
export function recordValue(keyAuthorization: string): string {
  return createHash("sha256").update(keyAuthorization).digest("base64url");
}

/** Where the CA looks for dns-01: one name for a domain and its wildcard. */
export function recordName(domain: string): string {
  return challengeRecordName(domain.toLowerCase());
}

/** Where the CA looks for dns-account-01: a name for each account. */
export function accountRecordName(domain: string, accountUrl: string): string {
  const digest = createHash("sha256").update(accountUrl).digest();
  return `_${base32(digest.subarray(0, 10))}.${recordName(domain)}`;
}

/**
 * The proof, once it is sure that it can be answered by a record.
 *
 * @throws {@link ChallengeError} for an IP address, or for a token that is none: it goes to hooks and web services.
 */
export function checkedProof(proof: Proof): Proof {
  const { identifier, token, type } = proof;
  if (identifier.type !== "dns") {
    throw new ChallengeError(
      `${type} for ${identifier.value}: an address has no DNS records to prove it (RFC 8738 §7)`,
    );
  }
  if (/^[A-Za-z0-9_-]{22,512}$/.test(token)) return proof;
  throw new ChallengeError(
    `${type} for ${identifier.value}: the CA sent a token that is not base64url text of at least 22 characters, which is refused`,
  );
}

/** RFC 4648 §6, lower case; whole groups of five bytes alone, which need no padding. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{5}/g) ?? [];
  return groups.map((group) => ALPHABET.charAt(Number.parseInt(group, 2))).join("");
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
