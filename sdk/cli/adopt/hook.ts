/** Where a DNS provider of the other client has no counterpart. */
import type { FoundSolver } from "./found";

/** @param reason - what the other client did: a clause */
export function hookForDns(reason: string): FoundSolver {
  return {
    solver: { dns01: { exec: { command: ["./dns-hook.sh"] } } },
    remark: `${reason}. At the next renewal ./dns-hook.sh is called with present|cleanup <record> <value>, as lego's exec does; docs/solvers.md lists what needs no program.`,
  };
}
