/** Host names, addresses and URLs as users write them. Pure. */
import { isIP } from "node:net";

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
