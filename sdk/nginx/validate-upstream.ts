/** Whether the groups of servers of a site can be rendered. Pure. */
import { parseDuration } from "../util/duration";
import type { NginxSiteConfig, NginxUpstream, NginxUpstreamServer } from "./config";
import type { Findings } from "./findings";
import { serverAddressProblem } from "./values";

const METHODS: readonly string[] = ["least_conn", "ip_hash", "random"];

export function upstreamProblems(config: NginxSiteConfig, findings: Findings): void {
  const taken = new Set<unknown>();
  findings.list("upstreams", config.upstreams)?.forEach((upstream, index) => {
    const at = `upstreams[${String(index)}]`;
    const given = findings.object(at, upstream);
    if (given === undefined) return;
    one(given, at, findings);
    if (config.stream !== undefined) inStream(given, at, findings);
    if (taken.has(given.name)) findings.add(`${at}.name`, "is the name of another group, too");
    if (findings.knows(given.name)) taken.add(given.name);
  });
}

function one(
  { name, servers, loadBalancing, keepalive }: NginxUpstream,
  at: string,
  findings: Findings,
): void {
  findings.required(`${at}.name`, name);
  findings.text(`${at}.name`, name, (value) =>
    /^[A-Za-z0-9_.-]{1,200}$/.test(value) ? undefined : "must be letters, digits, _, - and .",
  );
  findings.text(`${at}.loadBalancing`, loadBalancing, (value) =>
    METHODS.includes(value) ? undefined : `must be one of ${METHODS.join(", ")}`,
  );
  findings.count(`${at}.keepalive`, keepalive, 1);
  findings.required(`${at}.servers`, servers);
  const list = findings.list<string | NginxUpstreamServer>(`${at}.servers`, servers);
  if (list?.length === 0) findings.add(`${at}.servers`, "must have at least one server");
  list?.forEach((item, index) => {
    server(item, `${at}.servers[${String(index)}]`, findings);
  });
}

function server(item: string | NginxUpstreamServer, at: string, findings: Findings): void {
  const addressProblem = (value: string) => serverAddressProblem(value, false);
  if (typeof item === "string" || !findings.knows(item)) {
    findings.text(at, item, addressProblem);
    return;
  }
  const given = findings.object(at, item);
  if (given === undefined) return;
  findings.required(`${at}.address`, given.address);
  findings.text(`${at}.address`, given.address, addressProblem);
  findings.count(`${at}.weight`, given.weight, 1);
  findings.count(`${at}.maxFails`, given.maxFails, 0);
  findings.text(`${at}.failTimeout`, given.failTimeout, (value) =>
    /^\d+(ms|[smh])$/.test(value) && parseDuration(value) !== undefined
      ? undefined
      : 'must be a duration such as "30s"',
  );
}

/** Modules of http alone. */
function inStream(
  { loadBalancing, keepalive }: NginxUpstream,
  at: string,
  findings: Findings,
): void {
  if (loadBalancing === "ip_hash")
    findings.add(`${at}.loadBalancing`, "cannot be ip_hash in a stream");
  if (keepalive !== undefined)
    findings.add(`${at}.keepalive`, "has no meaning in a stream: each client has its connection");
}
