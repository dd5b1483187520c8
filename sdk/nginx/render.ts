/** A site's text for nginx. The same values give the same bytes. */
import { ConfigurationError } from "../util/errors";
import { challengeGuard, challengeLocation } from "./challenge";
import type { NginxSiteConfig, NginxTls } from "./config";
import { type Header, hstsHeaders, http3Header, unstated } from "./header";
import { isHttp2Parameter, listenLines } from "./listen";
import { locationBlock } from "./location";
import { proxyDefaults, proxyLines, proxyWay, upgradeMap } from "./proxy";
import { isStated, readOwn, type RawText, type Statement } from "./raw";
import { block, directive, rawLines, textOf, word, type Lines } from "./syntax";
import { streamBlock } from "./stream";
import { tlsLines } from "./tls";
import { upstreamBlock } from "./upstream";
import { siteProblems } from "./validate";
import { readLocationPath, serverNamesOf, uniqueWord } from "./values";
import { canHaveHttp3, isVersion } from "./version";

/**
 * The text of one site for nginx, to be included in its `http` block (with `stream` in its `stream` block): what the resource `NginxSite`
 * writes, for any other carrier.
 *
 * The text of `extraConfig` is taken as it is; every other value is checked and quoted, so that none of them can bring in a directive. A
 * `$` is allowed where nginx variables make sense: in `proxyPass`, `return`, `locations[].path` (where it is no variable) and
 * `extraConfig`.
 *
 * @param site - the site, and `nginxVersion` (`"1.22.1"`), the version that reads the text. Without it the text is such as 1.22 and the
 *   newest nginx both accept.
 * @returns the text, which ends with a newline.
 * @throws ConfigurationError that names every argument that cannot be rendered, and why.
 */
export function renderNginxSite(site: NginxSiteConfig & { nginxVersion?: string }): string {
  const problems = siteProblems(site).map(({ path, reason }) => `${path}: ${reason}`);
  if (site.nginxVersion !== undefined && !isVersion(site.nginxVersion)) {
    problems.push("nginxVersion: must be a version such as 1.22.1");
  }
  if (problems.length > 0) throw new ConfigurationError(`nginx site: ${problems.join("; ")}`);

  const blocks = (site.upstreams ?? []).map(upstreamBlock);
  if (site.stream === undefined) blocks.push(...httpBlocks(site));
  else blocks.push(streamBlock(site, site.stream));
  return blocks.map(textOf).join("\n");
}

function httpBlocks(site: NginxSiteConfig & { nginxVersion?: string }): Lines[] {
  const { tls, listen, locations = [], rejectHandshake, nginxVersion } = site;
  const hasWebsockets = [site, ...locations].some(({ websocket }) => websocket === true);
  return [
    ...(hasWebsockets ? [upgradeMap(upgradeVariable(site))] : []),
    ...(listen?.http === false ? [] : [plainBlock(site)]),
    ...(tls === undefined ? [] : [tlsBlock(site, tls, nginxVersion)]),
    ...(rejectHandshake === true ? [rejectingBlock(site)] : []),
  ];
}

/** Whether the plain port sends everything but challenges to the TLS port. */
export function redirectsToHttps(site: NginxSiteConfig): boolean {
  return site.redirectToHttps ?? site.tls !== undefined;
}

/** Where a redirect to the TLS port leads. */
export function httpsUrl({ listen }: NginxSiteConfig, host: string, uri: string): string {
  const { https = 443 } = listen ?? {};
  return `https://${host}${https === 443 ? "" : `:${String(https)}`}${uri}`;
}

function plainBlock(site: NginxSiteConfig): Lines {
  const { http = 80 } = site.listen ?? {};
  const head = [...listenLines(site, Number(http), ""), serverName(site)];
  if (!redirectsToHttps(site)) {
    return block("server", [head, ...contentParts(site, [])]);
  }
  // In a location, not in the server: there it would come before the challenge's location is looked for.
  const redirect = block("location /", [
    [directive("return", "301", httpsUrl(site, "$host", "$request_uri"))],
  ]);
  return block("server", [head, challengeLines(site, false), redirect]);
}

function tlsBlock(site: NginxSiteConfig, tls: NginxTls, nginxVersion: string | undefined): Lines {
  const { https = 443, http2 = true, http3: wantsHttp3 = false } = site.listen ?? {};
  const asParameter = http2 && isHttp2Parameter(nginxVersion);
  const http3 = wantsHttp3 && canHaveHttp3(nginxVersion);
  // One socket for each worker: several share none for UDP. It can be said once, as of the default server.
  const quic = site.defaultServer === true ? " quic reuseport" : " quic";
  const head = [
    ...listenLines(site, https, asParameter ? " ssl http2" : " ssl"),
    ...(http3 ? listenLines(site, https, quic) : []),
    ...(http2 && !asParameter ? [directive("http2", "on")] : []),
    serverName(site),
  ];
  const { statements } = readOwn(site.extraConfig);
  const wanted = [...hstsHeaders(tls.hsts), ...(http3 ? [http3Header(site.listen ?? {})] : [])];
  const headers = unstated(wanted, statements);
  return block("server", [
    head,
    tlsLines(tls, `acme_${uniqueWord(site)}`, statements),
    headers.map(({ line }) => line),
    ...contentParts(site, headers),
  ]);
}

function rejectingBlock(site: NginxSiteConfig): Lines {
  const { https = 443 } = site.listen ?? {};
  const head = [...listenLines(site, https, " ssl"), serverName(site)];
  return block("server", [head, [directive("ssl_reject_handshake", "on")]]);
}

function serverName(site: NginxSiteConfig): string {
  return directive("server_name", ...serverNamesOf(site).map(word));
}

/** A variable counts for the whole nginx. */
function upgradeVariable(site: NginxSiteConfig): string {
  return `$acme_upgrade_${uniqueWord(site)}`;
}

function challengeLines(site: NginxSiteConfig, authRequest: boolean): Lines {
  return site.challenge === undefined ? [] : challengeLocation(site.challenge, authRequest);
}

function contentParts(site: NginxSiteConfig, headers: readonly Header[]): readonly Lines[] {
  const raw = readOwn(site.extraConfig);
  return [
    site.challenge === undefined ? [] : challengeGuard(raw.statements),
    challengeLines(site, isStated(raw.statements, "auth_request")),
    site.root === undefined ? [] : [directive("root", word(site.root))],
    ...proxyParts(site, raw.statements),
    ...(site.locations ?? []).map((location) =>
      locationBlock(location, headers, wayOf(site, location)),
    ),
    servesRest(site, raw) ? [] : block("location /", [[directive("return", "404")]]),
    rawLines(site.extraConfig, raw.quotedNewlines),
  ];
}

function wayOf(
  site: NginxSiteConfig,
  { proxyPass, websocket }: Pick<NginxSiteConfig, "proxyPass" | "websocket">,
) {
  return proxyPass === undefined
    ? undefined
    : proxyWay(site, { proxyPass, websocket }, upgradeVariable(site));
}

function proxyParts(site: NginxSiteConfig, stated: readonly Statement[]): readonly Lines[] {
  const way = wayOf(site, site);
  if (way === undefined) return [];
  // A location with a proxy_set_header of its own inherits none: ours then have to stand beside the user's.
  return isStated(stated, "proxy_set_header")
    ? [
        proxyDefaults(way, stated),
        block("location /", [[directive("proxy_pass", word(way.proxyPass))]]),
      ]
    : [block("location /", [proxyLines(way)])];
}

/** Whether somebody answers for paths that no location names. Nobody: nginx would serve its own welcome page. */
function servesRest(site: NginxSiteConfig, raw: RawText): boolean {
  const own = ["root", "location", "return", "rewrite", "try_files", "if", "include"];
  return (
    site.root !== undefined ||
    site.proxyPass !== undefined ||
    (site.locations ?? []).some(({ path }) => isEverything(path)) ||
    own.some((name) => isStated(raw.statements, name))
  );
}

/** Whether a location's path is the one that all others begin with. */
function isEverything(path: string): boolean {
  const read = readLocationPath(path);
  return !("problem" in read) && read.pattern === "/" && ["", "^~"].includes(read.modifier);
}
