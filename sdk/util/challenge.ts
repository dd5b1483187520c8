/**
 * How a name is proven to a CA: what answers a challenge, and where the CA looks for it.
 *
 * Without any package, so that resources can name the records before a handler runs.
 *
 * @see RFC 8555 §8, Identifier Validation Challenges
 */
import { createHash } from "node:crypto";

import { withoutWildcard } from "./names";
import { sha256Of } from "./sha256";

/** The value of a challenge record whose name needs no proof, and never needed one. */
export const NONE_REQUIRED = "none-required";

/** RFC 8555 §8.3: "the fixed prefix '/.well-known/acme-challenge/'". */
export const HTTP01_PREFIX = "/.well-known/acme-challenge/";

/** RFC 4648 §6, in lower case. */
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * Whether a token that a CA sent is one. It becomes part of paths, records and command lines.
 *
 * RFC 8555 §8: "It MUST NOT contain any characters outside the base64url alphabet and MUST NOT include base64 padding
 * characters", with "at least 128 bits of entropy", which are 22 characters. The upper limit is that of a file name.
 */
export function isValidToken(token: string): boolean {
  return /^[A-Za-z0-9_-]{22,255}$/.test(token);
}

/**
 * RFC 8555 §8.1: "A key authorization is a string that concatenates the token for the challenge with a key fingerprint,
 * separated by a '.' character".
 *
 * @param thumbprint - of the account key, RFC 7638 with SHA-256
 */
export function keyAuthorization(token: string, thumbprint: string): string {
  return `${token}.${thumbprint}`;
}

/** RFC 8555 §8.3: "The path at which the resource is provisioned", on port 80. The key authorization is the body. */
export function http01Path(token: string): string {
  return `${HTTP01_PREFIX}${token}`;
}

/**
 * RFC 8555 §8.4: "prepending the label '_acme-challenge' to the domain name being validated", which for a wildcard is
 * the name without `*.` (§7.1.4).
 */
export function dns01RecordName(dnsName: string): string {
  return `_acme-challenge.${withoutWildcard(dnsName.toLowerCase())}`;
}

/** RFC 8555 §8.4: "the base64url encoding of this digest", SHA-256 of the key authorization. */
export function dns01RecordValue(authorization: string): string {
  return sha256Of(authorization, "base64url");
}

/**
 * Like {@link dns01RecordName}, with a label of the account before it: base32 of the first ten bytes of the SHA-256 of
 * the account's URL.
 *
 * @see draft-ietf-acme-dns-account-label §3
 */
export function dnsAccount01RecordName(dnsName: string, accountUrl: string): string {
  const digest = createHash("sha256").update(accountUrl).digest().subarray(0, 10);
  return `_${base32(digest)}.${dns01RecordName(dnsName)}`;
}

/** A name for a resource that answers a challenge: unique within an order, and independent of the order of its names. */
export function challengeKey(orderName: string, dnsName: string): string {
  return `${orderName}-${dnsName.replace(/^\*/, "_wildcard")}`;
}

/** Of whole groups of five bytes, which need no padding. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{5}/g) ?? [];
  return groups.map((group) => BASE32.charAt(Number.parseInt(group, 2))).join("");
}
