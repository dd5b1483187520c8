/** Passing requests on to another server. Pure. */
import type { NginxSiteConfig } from "./config";
import { isStated, type Statement } from "./raw";
import { block, directive, word, type Lines } from "./syntax";

/** Where requests go, and how. */
export interface ProxyWay {
  readonly proxyPass: string;
  /** The variable that says `upgrade` for WebSockets, where they are let through. */
  readonly upgrade?: string | undefined;
  /** Whether connections to the server behind are kept. */
  readonly keepsAlive?: boolean;
}

/** What the server behind must know of the client. */
const HEADERS: readonly (readonly [string, string])[] = [
  ["Host", "$host"],
  ["X-Real-IP", "$remote_addr"],
  ["X-Forwarded-For", "$proxy_add_x_forwarded_for"],
  ["X-Forwarded-Proto", "$scheme"],
];

/** The way to `proxyPass`, of the site or of one of its locations. */
export function proxyWay(
  site: Pick<NginxSiteConfig, "upstreams">,
  {
    proxyPass,
    websocket,
  }: { readonly proxyPass: string; readonly websocket?: boolean | undefined },
  upgradeVariable: string,
): ProxyWay {
  const host = /^[^:]+:\/\/([^/:]+)/.exec(proxyPass)?.[1];
  const upstream = (site.upstreams ?? []).find(({ name }) => name === host);
  return {
    proxyPass,
    upgrade: websocket === true ? upgradeVariable : undefined,
    keepsAlive: upstream?.keepalive !== undefined,
  };
}

/**
 * What the header `Connection` says to the server behind: `upgrade` where the client asks for it, nothing else.
 *
 * @see https://nginx.org/en/docs/http/websocket.html
 */
export function upgradeMap(variable: string): Lines {
  return block(`map $http_upgrade ${variable}`, [
    [directive("default", "upgrade"), directive('""', '""')],
  ]);
}

/** @param stated - the user's own statements in the same block, which come before ours. */
export function proxyLines(way: ProxyWay, stated: readonly Statement[] = []): Lines {
  return [directive("proxy_pass", word(way.proxyPass)), ...proxyDefaults(way, stated)];
}

/** What goes along with `proxy_pass`, as far as the user has not written it himself. */
export function proxyDefaults(
  { proxyPass, upgrade, keepsAlive = false }: ProxyWay,
  stated: readonly Statement[],
): Lines {
  const defaults: (readonly [string, string])[] = [["proxy_http_version", "1.1"]];
  // Without it nginx sends no server name in its TLS handshake with the server behind.
  if (/^https:/i.test(proxyPass)) defaults.push(["proxy_ssl_server_name", "on"]);
  const headers = [...HEADERS];
  if (upgrade !== undefined) headers.push(["Upgrade", "$http_upgrade"], ["Connection", upgrade]);
  // By default nginx says "close".
  else if (keepsAlive) headers.push(["Connection", '""']);
  return [
    ...defaults
      .filter(([name]) => !isStated(stated, name))
      .map(([name, value]) => directive(name, value)),
    ...headers
      .filter(([name]) => !isStated(stated, "proxy_set_header", name))
      .map(([name, value]) => directive("proxy_set_header", name, value)),
  ];
}
