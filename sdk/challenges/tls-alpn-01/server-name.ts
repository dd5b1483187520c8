/** What a CA names in SNI when it asks for a name or an address. Pure. */
import { isIPv4 } from "node:net";

import type { AcmeIdentifier } from "../../acme";

export const ACME_TLS_1 = "acme-tls/1";

/**
 * The name itself; for an address, which SNI cannot hold, its name in the reverse zones.
 *
 * @see RFC 8737 §3; RFC 8738 §6; RFC 3596 §2.5 for `ip6.arpa`
 */
export function serverNameOf({ type, value }: AcmeIdentifier): string {
  if (type === "dns") return value.toLowerCase().replace(/\.$/, "");
  if (isIPv4(value)) return `${value.split(".").reverse().join(".")}.in-addr.arpa`;
  return `${nibbles(value).reverse().join(".")}.ip6.arpa`;
}

/** The 32 hexadecimal digits of an IPv6 address in RFC 5952's or any other text form. */
function nibbles(address: string): string[] {
  // URL knows all forms, dotted ends included, and compresses at most one run of zeros.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string | undefined): string[] =>
    text === undefined || text === "" ? [] : text.split(":").map((group) => group.padStart(4, "0"));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0000");
  return Array.from([...before, ...zeros, ...after].join(""));
}
