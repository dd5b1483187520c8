/** Makes the solver for an entry of `solvers`. */
import type { Propagation } from "../challenges/dns-01/propagation";
import {
  createDnsProvider,
  dnsAccount01Solver,
  dns01Solver,
  type DnsSolverOptions,
} from "../challenges/dns-01";
import { dnsPersist01Solver } from "../challenges/dns-persist-01";
import * as http01 from "../challenges/http-01";
import { prepared } from "../challenges/prepared";
import type { Solver } from "../challenges/solver";
import * as tlsAlpn01 from "../challenges/tls-alpn-01";
import type { Target } from "../hosts/host";
import type {
  Dns01Arguments,
  Http01Arguments,
  SolverArguments,
  TlsAlpn01Arguments,
} from "./solver-arguments";

/** What all solvers of a certificate have in common. */
export interface SolverSettings {
  /** The account that asks: it is in the label of dns-account-01, and in the record of dns-persist-01. */
  readonly accountUrl: string;
  /** RFC 7638. */
  readonly thumbprint: string;
  /** From the directory, for dns-persist-01. */
  readonly accountHashPrefix?: string;
  readonly propagation?: Propagation;
  /** `ip:port`; default: this machine's. */
  readonly resolvers?: readonly string[];
}

/** Loads what the entry needs, and no other DNS provider. */
export async function buildSolver(
  entry: SolverArguments,
  settings: SolverSettings,
): Promise<Solver> {
  const { propagation, resolvers, accountUrl } = settings;
  if (entry.prepared !== undefined) {
    return prepared({ challengeType: entry.prepared, propagation, resolvers });
  }
  if (entry.tlsAlpn01 !== undefined) return tlsAlpn01Solver(entry.tlsAlpn01);
  if (entry.dns01 !== undefined) return dns01Solver(await dnsOptions(entry.dns01, settings));
  if (entry.dnsAccount01 !== undefined) {
    const options = await dnsOptions(entry.dnsAccount01, settings);
    return dnsAccount01Solver({ ...options, accountUrl });
  }
  if (entry.dnsPersist01 !== undefined) return dnsPersist01Solver(settings);
  return http01Solver(entry.http01 ?? {});
}

function http01Solver({ webroot, listener, tunnel, exec, webhook }: Http01Arguments): Solver {
  if (webroot !== undefined) {
    return http01.webroot({ path: webroot.path, targets: targetsOf(webroot.connection) });
  }
  if (listener !== undefined) return http01.listener(listener);
  if (tunnel !== undefined) return http01.tunnel(tunnel);
  if (exec !== undefined) return http01.exec(exec);
  if (webhook !== undefined) return http01.webhook(webhook);
  return http01.stateless();
}

function tlsAlpn01Solver({ listener, tunnel }: TlsAlpn01Arguments): Solver {
  return tunnel === undefined ? tlsAlpn01.listener(listener ?? {}) : tlsAlpn01.tunnel(tunnel);
}

/** Of several providers the first one's settings are used: they are about the name, which all of them serve. */
async function dnsOptions(
  written: Dns01Arguments | readonly Dns01Arguments[],
  settings: SolverSettings,
): Promise<DnsSolverOptions> {
  const all = isList(written) ? written : [written];
  const { followCname, ttl, propagation = settings.propagation } = all[0] ?? {};
  const { resolvers } = settings;
  const provider = await Promise.all(all.map(createDnsProvider));
  return { provider, followCname, ttl, propagation, resolvers };
}

/** Absent: this machine. */
function targetsOf(connection: Target | readonly Target[] | undefined): readonly Target[] {
  if (connection === undefined) return ["local"];
  return isList(connection) ? connection : [connection];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
