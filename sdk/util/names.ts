/**
 * Names as certificates hold them: A-labels in lower case, addresses in their canonical text. Pure.
 *
 * @see RFC 5890 (A-labels), RFC 5952 (IPv6 text), RFC 8738 (IP identifiers)
 */
import { isIP, isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

export type Normalized = { readonly value: string } | { readonly problem: string };

/**
 * A DNS name, in Unicode or punycode, any case, with or without its trailing dot, as an A-label name in lower case.
 * A wildcard keeps its leading `*.`.
 */
export function normalizeDnsName(text: string): Normalized {
  const trimmed = text.trim();
  if (trimmed === "") return { problem: "is empty" };
  if (isIP(trimmed) !== 0)
    return { problem: `"${trimmed}" is an IP address; it belongs into ipAddresses` };
  const wildcard = trimmed.startsWith("*.");
  const base = trimmed.slice(wildcard ? 2 : 0).replace(/\.$/, "");
  if (base.includes("*")) {
    return {
      problem: `"${trimmed}" has a * elsewhere than as its whole first label (RFC 8555 §7.1.3)`,
    };
  }
  const ascii = /[\s/:@?#%\\]/.test(base) ? "" : domainToASCII(base);
  const problem = problemOf(ascii);
  if (problem !== undefined) return { problem: `"${trimmed}" is not a DNS name: ${problem}` };
  return { value: wildcard ? `*.${ascii}` : ascii };
}

function problemOf(ascii: string): string | undefined {
  // domainToASCII reads 0x7f.1 as 127.0.0.1.
  if (ascii === "" || isIP(ascii) !== 0) return "it cannot be written in A-labels";
  if (ascii.length > 253) return "it is longer than 253 characters";
  const labels = ascii.split(".");
  if (labels.some((label) => label === "")) return "it has an empty label";
  if (labels.some((label) => label.length > 63)) return "it has a label longer than 63 characters";
  const bad = labels.find((label) => !/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/.test(label));
  return bad === undefined
    ? undefined
    : `the label "${bad}" is not letters, digits and inner hyphens`;
}

/** An IPv4 address as a dotted quad, an IPv6 address as RFC 5952 writes it; IPv4-mapped ones become IPv4. */
export function normalizeIpAddress(text: string): Normalized {
  const trimmed = text.trim().replace(/^\[(.*)\]$/, "$1");
  if (isIPv4(trimmed)) return { value: trimmed };
  if (!isIPv6(trimmed) || trimmed.includes("%"))
    return { problem: `"${text.trim()}" is not an IP address` };
  const canonical = canonicalAddress(trimmed);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped === null) return { value: canonical };
  const bytes = [mapped[1], mapped[2]].flatMap((group) => {
    const number = Number.parseInt(group ?? "0", 16);
    return [number >> 8, number & 0xff];
  });
  return { value: bytes.join(".") };
}

/**
 * An IPv6 address as RFC 5952 writes it, without dots; any other text as it is.
 *
 * By `URL` and not by ipaddr.js, which takes `::192.0.2.1` for `::ffff:192.0.2.1`.
 */
export function canonicalAddress(value: string): string {
  if (!isIPv6(value) || value.includes("%")) return value;
  return new URL(`http://[${value}]`).hostname.slice(1, -1);
}

/** The name below the `*.` of a wildcard; any other name as it is. */
export function withoutWildcard(dnsName: string): string {
  return dnsName.replace(/^\*\./, "");
}

/** Whether `zone` is `name` itself or lies above it. Wildcards count as the name below them. */
export function isInZone(name: string, zone: string): boolean {
  const bare = withoutWildcard(name);
  return bare === zone || bare.endsWith(`.${zone}`);
}

/** Each once, sorted: equal sets become equal lists. */
export function asSet(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
