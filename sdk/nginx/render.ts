/** A site's text for nginx. The same values give the same bytes. */
import { ConfigurationError } from "../util/errors";
import { challengeGuard, challengeLocation } from "./challenge";
import type { NginxSiteConfig } from "./config";
import { isHttp2Parameter, listenLines } from "./listen";
import { locationBlock } from "./location";
import { proxyDefaults, proxyLines } from "./proxy";
import { isStated, readOwn, type RawText, type Statement } from "./raw";
import { block, directive, rawLines, textOf, word, type Lines } from "./syntax";
import { hstsLine, tlsLines } from "./tls";
import { siteProblems } from "./validate";
import { normalizeServerName, readLocationPath } from "./values";
import { isVersion } from "./version";

/**
 * The text of one site for nginx, to be included in its `http` block: what the resource `NginxSite` writes, for any other carrier.
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

  const blocks: Lines[] = [];
  if (site.listen?.http !== false) blocks.push(plainBlock(site));
  if (site.tls !== undefined) blocks.push(tlsBlock(site, site.tls, site.nginxVersion));
  return blocks.map(textOf).join("\n");
}

/** The names as nginx compares them, each once, in the order in which they were given. */
function serverNamesOf(site: NginxSiteConfig): readonly string[] {
  const names = site.serverNames.map((name) => {
    const normalised = normalizeServerName(name);
    return "value" in normalised ? normalised.value : name;
  });
  return [...new Set(names)];
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
  const head = [...listenLines(site, "http", ""), serverName(site)];
  if (!redirectsToHttps(site)) {
    return block("server", [head, ...contentParts(site, undefined)]);
  }
  // In a location, not in the server: there it would come before the challenge's location is looked for.
  const redirect = block("location /", [
    [directive("return", "301", httpsUrl(site, "$host", "$request_uri"))],
  ]);
  return block("server", [head, challengeLines(site, false), redirect]);
}

function tlsBlock(
  site: NginxSiteConfig,
  tls: NonNullable<NginxSiteConfig["tls"]>,
  nginxVersion: string | undefined,
): Lines {
  const http2 = site.listen?.http2 ?? true;
  const asParameter = http2 && isHttp2Parameter(nginxVersion);
  const head = [
    ...listenLines(site, "https", asParameter ? " ssl http2" : " ssl"),
    ...(http2 && !asParameter ? [directive("http2", "on")] : []),
    serverName(site),
  ];
  const { statements } = readOwn(site.extraConfig);
  const hsts = isStated(statements, "add_header", HSTS_HEADER) ? undefined : hstsLine(tls.hsts);
  return block("server", [
    head,
    tlsLines(tls, sessionZone(site), statements),
    hsts === undefined ? [] : [hsts],
    ...contentParts(site, hsts),
  ]);
}

const HSTS_HEADER = "Strict-Transport-Security";

function serverName(site: NginxSiteConfig): string {
  return directive("server_name", ...serverNamesOf(site).map(word));
}

/** A zone's name counts for the whole nginx, and zones of one name must be of one size. */
function sessionZone(site: NginxSiteConfig): string {
  return `acme_${(serverNamesOf(site)[0] ?? "").replace(/\W/g, "_")}`;
}

function challengeLines(site: NginxSiteConfig, authRequest: boolean): Lines {
  return site.challenge === undefined ? [] : challengeLocation(site.challenge, authRequest);
}

function contentParts(site: NginxSiteConfig, hsts: string | undefined): readonly Lines[] {
  const raw = readOwn(site.extraConfig);
  return [
    site.challenge === undefined ? [] : challengeGuard(raw.statements),
    challengeLines(site, isStated(raw.statements, "auth_request")),
    site.root === undefined ? [] : [directive("root", word(site.root))],
    ...proxyParts(site.proxyPass, raw.statements),
    ...(site.locations ?? []).map((location) => locationBlock(location, hsts)),
    servesRest(site, raw) ? [] : block("location /", [[directive("return", "404")]]),
    rawLines(site.extraConfig, raw.quotedNewlines),
  ];
}

function proxyParts(proxyPass: string | undefined, stated: readonly Statement[]): readonly Lines[] {
  if (proxyPass === undefined) return [];
  // A location with a proxy_set_header of its own inherits none: ours then have to stand beside the user's.
  return isStated(stated, "proxy_set_header")
    ? [
        proxyDefaults(proxyPass, stated),
        block("location /", [[directive("proxy_pass", word(proxyPass))]]),
      ]
    : [block("location /", [proxyLines(proxyPass)])];
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
