/** Whether a site can be rendered: every value, and what must fit together. Pure. */
import { normalizeIpAddress } from "../util/names";
import type { NginxListen, NginxSiteConfig, SiteProblem } from "./config";
import { Findings, type KnownAccount } from "./findings";
import { locationProblems } from "./validate-location";
import { streamProblems } from "./validate-stream";
import { tlsProblems } from "./validate-tls";
import { upstreamProblems } from "./validate-upstream";
import {
  absolutePathProblem,
  isPort,
  normalizeServerName,
  proxyPassProblem,
  thumbprintProblem,
} from "./values";

/**
 * Everything in `config` that nginx must not, or could not, be given.
 *
 * @param known - whether a value is known already; what is not counts as right (previews).
 */
export function siteProblems(
  config: NginxSiteConfig,
  known: KnownAccount = () => true,
): readonly SiteProblem[] {
  const findings = new Findings(known);
  serverNames(config, findings);
  challenge(config, findings);
  tlsProblems(config, findings);
  upstreamProblems(config, findings);
  const stream = findings.object("stream", config.stream);
  if (stream !== undefined) streamProblems(config, stream, findings);
  else if (config.stream === undefined) listen(config, findings);
  findings.text("root", config.root, absolutePathProblem);
  findings.text("proxyPass", config.proxyPass, (value) => proxyPassProblem(value, true));
  findings.raw("extraConfig", config.extraConfig);
  if (config.root !== undefined && config.proxyPass !== undefined) {
    findings.add(
      "proxyPass",
      "answers the same requests as root; give one of the two, and the other in locations",
    );
  }
  findings.websocket("", config);
  locationProblems(config, findings);
  return findings.all;
}

function serverNames(config: NginxSiteConfig, findings: Findings): void {
  const names = findings.list("serverNames", config.serverNames);
  if (names?.length === 0) findings.add("serverNames", "must have at least one name");
  names?.forEach((name, index) => {
    findings.text(`serverNames[${String(index)}]`, name, (value) => {
      const normalised = normalizeServerName(value);
      return "problem" in normalised ? normalised.problem : undefined;
    });
  });
}

function challenge(config: NginxSiteConfig, findings: Findings): void {
  const given = findings.object("challenge", config.challenge);
  if (given === undefined) return;
  const { thumbprint, webroot, proxyPass } = given;
  if ([thumbprint, webroot, proxyPass].filter((value) => value !== undefined).length !== 1) {
    findings.add("challenge", "exactly one of thumbprint, webroot and proxyPass must be given");
  }
  findings.text("challenge.thumbprint", thumbprint, thumbprintProblem);
  findings.text("challenge.webroot", webroot, absolutePathProblem);
  findings.text("challenge.proxyPass", proxyPass, (value) => proxyPassProblem(value, true));
}

function listen(config: NginxSiteConfig, findings: Findings): void {
  const given: NginxListen = findings.object("listen", config.listen) ?? {};
  const ports = { http: given.http, https: given.https };
  for (const [key, value] of Object.entries(ports)) {
    if (value === undefined || (key === "http" && value === false) || !findings.knows(value))
      continue;
    if (!isPort(value)) findings.add(`listen.${key}`, "must be a port from 1 to 65535");
  }
  findings.text("listen.address", given.address, (value) => {
    const address = normalizeIpAddress(value);
    return "problem" in address ? address.problem : undefined;
  });
  if (given.ipv6 === false && given.address !== undefined && findings.knows(given.address)) {
    if (given.address.includes(":"))
      findings.add("listen.ipv6", "is false, but listen.address is IPv6");
  }
  const hasTls = config.tls !== undefined || config.rejectHandshake === true;
  if (given.http === false && !hasTls) {
    findings.add("listen.http", "must not be false without tls: the site would listen nowhere");
  }
  const { http = 80, https = 443 } = given;
  if (hasTls && findings.knows(http) && http === https) {
    findings.add("listen.https", "is the same port as listen.http");
  }
}
