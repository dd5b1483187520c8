/** Host names, addresses and URLs as users write them. Pure. */
import { BlockList, isIP, isIPv6 } from "node:net";

/** One spelling per host: lower case, no final dot, no brackets round an IPv6 address. */
export function normalizeHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

/** Whether a host name or address means the machine that uses it. */
export function isLoopback(host: string): boolean {
  const name = normalizeHost(host);
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** Addresses of the link, and those at which clouds serve credentials to the machine that asks. */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet("169.254.0.0", 16, "ipv4");
LINK_LOCAL.addSubnet("fe80::", 10, "ipv6");
// The same behind NAT64 (RFC 6052).
LINK_LOCAL.addSubnet("64:ff9b::a9fe:0", 112, "ipv6");
LINK_LOCAL.addSubnet("fd00:ec2::", 32, "ipv6");
LINK_LOCAL.addAddress("fd20:ce::254", "ipv6");
LINK_LOCAL.addAddress("100.100.100.200", "ipv4");
LINK_LOCAL.addAddress("168.63.129.16", "ipv4");

/** Whether no CA could reach an address, but this machine could: link-local, or a cloud's metadata service. */
export function isLinkLocal(address: string): boolean {
  return isIP(address) !== 0 && LINK_LOCAL.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

export function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === "https:";
}

/** Whether a URL is plain HTTP within this machine, which test servers speak. */
export function isLoopbackHttp(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && isLoopback(hostname);
}

/** `host:port`, with brackets round an IPv6 address. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}
