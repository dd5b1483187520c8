/** Whether a TCP service can be rendered. Pure. */
import type { NginxSiteConfig, NginxStream, NginxUpstream } from "./config";
import type { Findings } from "./findings";
import { isPort, serverAddressProblem } from "./values";

/** What only HTTP has. */
const OF_HTTP = [
  "challenge",
  "redirectToHttps",
  "rejectHandshake",
  "defaultServer",
  "root",
  "proxyPass",
  "websocket",
  "locations",
] as const satisfies readonly (keyof NginxSiteConfig)[];

const NO_HTTP = "does not belong to a stream, which has no HTTP";

export function streamProblems(
  config: NginxSiteConfig,
  stream: NginxStream,
  findings: Findings,
): void {
  for (const name of OF_HTTP) {
    if (config[name] !== undefined) findings.add(name, NO_HTTP);
  }
  const { http, https, http2, http3 } = findings.object("listen", config.listen) ?? {};
  for (const [name, value] of Object.entries({ http, https, http2, http3 })) {
    if (value !== undefined) findings.add(`listen.${name}`, `${NO_HTTP}; its port is stream.port`);
  }
  const { hsts, ocspStapling } = findings.object("tls", config.tls) ?? {};
  if (hsts !== undefined) findings.add("tls.hsts", NO_HTTP);
  if (ocspStapling === true)
    findings.add("tls.ocspStapling", "is not what nginx 1.22 has in a stream; leave it out");
  const port: unknown = stream.port;
  findings.required("stream.port", port);
  if (port !== undefined && findings.knows(port) && !isPort(port))
    findings.add("stream.port", "must be a port from 1 to 65535");
  findings.required("stream.proxyPass", stream.proxyPass);
  findings.text("stream.proxyPass", stream.proxyPass, (value) =>
    mayBeUpstream(config.upstreams, value, findings)
      ? undefined
      : serverAddressProblem(value, true),
  );
}

/** Whether a group has this name, as far as is known. */
function mayBeUpstream(
  upstreams: NginxSiteConfig["upstreams"],
  name: string,
  findings: Findings,
): boolean {
  if (upstreams === undefined) return false;
  if (!Array.isArray(upstreams)) return true;
  const groups = upstreams as readonly (NginxUpstream | undefined)[];
  return groups.some(
    (group) => !findings.knows(group) || !findings.knows(group?.name) || group?.name === name,
  );
}
