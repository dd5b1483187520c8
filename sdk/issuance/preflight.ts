/** Looks from here whether the CA will find what was presented, and whether CAA lets it issue. */
import { checkHttp01 } from "../challenges/http-01";
import type { Proof, SolverContext } from "../challenges/solver";
import { checkTlsAlpn01 } from "../challenges/tls-alpn-01";
import { type CaaName, checkCaa } from "../challenges/preflight/caa";
import type { PreflightArguments } from "./arguments";

/**
 * DNS records are waited for when they are presented; here it is ports and CAA records.
 *
 * @param ca - the CA's names in CAA records, and the account that may be named beside them (RFC 8657)
 */
export async function runPreflight(
  proofs: readonly Proof[],
  preflight: boolean | PreflightArguments | undefined,
  ca: { readonly caaIdentities: readonly string[]; readonly accountUrl: string },
  { signal, progress, warn }: SolverContext,
): Promise<void> {
  if (preflight === false) return;
  const options = { ...(typeof preflight === "object" && preflight), signal, progress, warn };
  const ofType = (wanted: string): Proof[] => proofs.filter(({ type }) => type === wanted);
  await checkHttp01(ofType("http-01"), options);
  await checkTlsAlpn01(ofType("tls-alpn-01"), options);
  await checkCaa(domainsOf(proofs), { ...ca, ...options });
}

/** Addresses have no CAA records. */
function domainsOf(proofs: readonly Proof[]): CaaName[] {
  return proofs.flatMap(({ identifier, wildcard, type }) =>
    identifier.type === "dns" ? [{ name: identifier.value, wildcard, method: type }] : [],
  );
}
