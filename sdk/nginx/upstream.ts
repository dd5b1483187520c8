/** Groups of servers. Pure. */
import type { NginxUpstream, NginxUpstreamServer } from "./config";
import { block, directive, word, type Lines } from "./syntax";

export function upstreamBlock({ name, servers, loadBalancing, keepalive }: NginxUpstream): Lines {
  return block(`upstream ${word(name)}`, [
    // Before `keepalive`, which nginx wants to come after the method.
    loadBalancing === undefined ? [] : [directive(loadBalancing)],
    servers.map((server) => serverLine(typeof server === "string" ? { address: server } : server)),
    keepalive === undefined ? [] : [directive("keepalive", String(keepalive))],
  ]);
}

function serverLine(server: NginxUpstreamServer): string {
  const { address, weight, maxFails, failTimeout, backup, down } = server;
  const parameters = [
    ...(weight === undefined ? [] : [`weight=${String(weight)}`]),
    ...(maxFails === undefined ? [] : [`max_fails=${String(maxFails)}`]),
    ...(failTimeout === undefined ? [] : [`fail_timeout=${failTimeout}`]),
    ...(backup === true ? ["backup"] : []),
    ...(down === true ? ["down"] : []),
  ];
  return directive("server", word(address), ...parameters);
}
