/** What challenges are called where somebody else creates what answers them. Pure. */

/** The value of a challenge for a name that needs no proof, when it never needed one. */
export const NONE_REQUIRED = "none-required";

/** Where the CA looks for dns-01: one name for a domain and its wildcard. RFC 8555 §8.4. */
export function challengeRecordName(dnsName: string): string {
  return `_acme-challenge.${withoutWildcard(dnsName)}`;
}

/** The name below the star of a wildcard, any other name as it is. */
export function withoutWildcard(dnsName: string): string {
  return dnsName.replace(/^\*\./, "");
}

/** A name for a resource of the user's: unique within an order, and the same wherever the name stands in its list. */
export function challengeKey(orderName: string, dnsName: string): string {
  return `${orderName}-${dnsName.replace(/^\*/, "_wildcard")}`;
}
