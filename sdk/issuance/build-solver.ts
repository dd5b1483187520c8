/** From an entry of `solvers` to what carries it out. Layer 4. */
import { listener, stateless, webroot } from "../challenges/http01";
import type { Solver } from "../challenges/solver";
import type { Target } from "../hosts/host";
import type { SolverArguments } from "./arguments";

export function buildSolver({ http01 }: SolverArguments): Solver {
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
