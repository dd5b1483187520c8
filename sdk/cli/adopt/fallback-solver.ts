/** Solvers in the place of what the other client does not store, or what has no counterpart here. */
import type { CertificateFacts } from "../../x509/certificate";
import type { FoundSolver } from "./found";

/**
 * For a DNS provider.
 *
 * @param reason - what the other client did: a clause
 */
export function hookForDns(reason: string): FoundSolver {
  return {
    solver: { dns01: { exec: { command: ["./dns-hook.sh"] } } },
    remark: `${reason}. At the next renewal ./dns-hook.sh is called with present|cleanup <record> <value>, as lego's exec does; docs/solvers.md lists what needs no program.`,
  };
}

/** For a client that does not store how names were proven. */
export function usualSolver(
  { dnsNames }: CertificateFacts,
  reason: string,
  http01: FoundSolver["solver"] = { listener: {} },
): FoundSolver {
  if (dnsNames.some((name) => name.startsWith("*."))) return hookForDns(reason);
  return { solver: { http01 }, remark: `${reason}: choose what fits, see docs/solvers.md.` };
}
