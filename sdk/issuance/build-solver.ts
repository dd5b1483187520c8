/** From an entry of `solvers` to what carries it out. Layer 4. */
import type { Propagation } from "../challenges/dns";
import { listener, stateless, webroot } from "../challenges/http01";
import { prepared } from "../challenges/prepared";
import type { Solver } from "../challenges/solver";
import type { Target } from "../hosts/host";
import type { SolverArguments } from "./arguments";

/** What the certificate says about DNS, for all of its solvers. */
export interface DnsSettings {
  readonly propagation?: Propagation;
  /** `ip:port`; default: this machine's. */
  readonly resolvers?: readonly string[];
}

export function buildSolver(entry: SolverArguments, dns: DnsSettings = {}): Solver {
  const { http01 } = entry;
  if (entry.prepared !== undefined) return prepared({ challengeType: entry.prepared, ...dns });
  if (http01?.webroot !== undefined) {
    const { path, connection } = http01.webroot;
    return webroot({ path, targets: targetsOf(connection) });
  }
  if (http01?.listener !== undefined) return listener(http01.listener);
  return stateless();
}

/** Absent: this machine. */
function targetsOf(connection: Target | readonly Target[] | undefined): readonly Target[] {
  if (connection === undefined) return ["local"];
  return isList(connection) ? connection : [connection];
}

function isList(connection: Target | readonly Target[]): connection is readonly Target[] {
  return Array.isArray(connection);
}
