/** The surroundings of an issuance: who carries out solvers, who looks before the CA does, where words go. */
import type { AccountCredentials, Directory } from "../../acme";
import { checkHttp01 } from "../../challenges/http-01";
import { type CaaName, checkCaa } from "../../challenges/preflight/caa";
import type { Proof } from "../../challenges/solver";
import { checkTlsAlpn01 } from "../../challenges/tls-alpn-01";
import type { CertificateArguments, PreflightArguments } from "../../issuance/arguments";
import { buildSolver } from "../../issuance/build-solver";
import type { ObtainContext } from "../../issuance/obtain";
import type { Reporter } from "../engine/progress";

export function contextOf(
  { accountUrl, key }: AccountCredentials,
  { meta }: Directory,
  news: CertificateArguments,
  { progress, warn }: Reporter,
  signal: AbortSignal,
  reached: ObtainContext["reached"],
): ObtainContext {
  const { preflight = true, propagation } = news;
  const settings = typeof preflight === "object" ? preflight : {};
  const { resolvers } = settings;
  const { accountHashPrefix, caaIdentities } = meta;
  const { thumbprint } = key;
  const solverSettings = { accountUrl, thumbprint, accountHashPrefix, propagation, resolvers };
  const words = { signal, progress, warn };
  return {
    ...words,
    now: Date.now,
    reached,
    solverOf: (entry) => buildSolver(entry, solverSettings),
    preflight: async (proofs) => {
      if (preflight === false) return;
      await lookAtPorts(proofs, settings, words);
      await checkCaa(domainsOf(proofs), { caaIdentities, accountUrl, resolvers, ...words });
    },
  };
}

/** DNS records are waited for when they are presented; ports are looked at here. */
async function lookAtPorts(
  proofs: readonly Proof[],
  settings: PreflightArguments,
  words: Pick<ObtainContext, "signal" | "progress" | "warn">,
): Promise<void> {
  const of = (wanted: string): Proof[] => proofs.filter(({ type }) => type === wanted);
  await checkHttp01(of("http-01"), { ...settings, ...words });
  await checkTlsAlpn01(of("tls-alpn-01"), { ...settings, ...words });
}

/** Addresses have no CAA records. */
function domainsOf(proofs: readonly Proof[]): CaaName[] {
  return proofs.flatMap(({ identifier, wildcard, type }) =>
    identifier.type === "dns" ? [{ name: identifier.value, wildcard, method: type }] : [],
  );
}
