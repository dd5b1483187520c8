/** Which proxy the environment names for a URL, as curl, Go and pip read it. Pure. */
import { BlockList, isIP } from "node:net";

import { ConfigurationError } from "../util/errors";
import { normalizeHost } from "../util/host-name";
import { canonicalAddress } from "../util/names";

export interface Proxy {
  /** Where it was found: `https_proxy`. */
  readonly variable: string;
  /** May hold credentials. */
  readonly url: string;
  /** Host and port, for messages. */
  readonly host: string;
}

export interface Proxies {
  readonly all: readonly Proxy[];
  /** `undefined` where the URL is asked directly. */
  of(url: string): Proxy | undefined;
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; a name in lower case comes first. A proxy for http is the one for
 * https too, where there is no other.
 *
 * @throws {@link ConfigurationError} for a proxy that is no URL, and no `host:port`
 */
export function proxiesOf(env: NodeJS.ProcessEnv): Proxies {
  const http = proxyIn(env, "http_proxy");
  const https = proxyIn(env, "https_proxy") ?? http;
  const isDirect = exceptionsOf(env["no_proxy"] ?? env["NO_PROXY"] ?? "");
  return {
    all: [...new Set([http, https])].filter((proxy) => proxy !== undefined),
    of: (text) => {
      const url = new URL(text);
      if (isDirect(url)) return undefined;
      return url.protocol === "https:" ? https : http;
    },
  };
}

function proxyIn(env: NodeJS.ProcessEnv, name: string): Proxy | undefined {
  const variable = env[name] === undefined ? name.toUpperCase() : name;
  const text = (env[variable] ?? "").trim();
  if (text === "") return undefined;
  const url = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(url) || !["http:", "https:"].includes(new URL(url).protocol)) {
    throw new ConfigurationError(
      `the environment variable ${variable} is no proxy that can be used: ${withoutCredentials(text)}; it must be host:port, or an http or https URL`,
    );
  }
  return { variable, url, host: new URL(url).host };
}

/** Whatever stands before the last `@` may be a password. */
function withoutCredentials(text: string): string {
  const at = text.lastIndexOf("@");
  return at < 0 ? text : `…${text.slice(at)}`;
}

/** Whether a URL is an exception: `*`, names with all names below them, addresses, networks, each with or without port. */
function exceptionsOf(list: string): (url: URL) => boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  const networks = new BlockList();
  for (const entry of entries) addNetwork(networks, entry);
  const names = entries.map(nameIn);
  return ({ hostname, port, protocol }) => {
    const host = canonicalAddress(normalizeHost(hostname));
    const number = port === "" ? (protocol === "https:" ? "443" : "80") : port;
    const version = isIP(host);
    if (version !== 0 && networks.check(host, version === 6 ? "ipv6" : "ipv4")) return true;
    return names.some(
      (name) =>
        (name.port === undefined || name.port === number) &&
        (name.host === "*" || name.host === host || host.endsWith(`.${name.host}`)),
    );
  };
}

/** `10.0.0.0/8`, `fd00::/8`. */
function addNetwork(networks: BlockList, entry: string): void {
  const [, address = "", bits = ""] = /^\[?([0-9a-fA-F:.]+)\]?\/(\d{1,3})$/.exec(entry) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(bits) > (version === 6 ? 128 : 32)) return;
  networks.addSubnet(address, Number(bits), version === 6 ? "ipv6" : "ipv4");
}

/** `example.com`, `.example.com`, `*.example.com`, `example.com:8443`, `[::1]:8443`, `::1`. */
function nameIn(entry: string): { readonly host: string; readonly port?: string } {
  const [, host = entry, port] = isIP(entry) === 6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  return { host: canonicalAddress(normalizeHost(host.replace(/^\*?\./, ""))), port };
}
