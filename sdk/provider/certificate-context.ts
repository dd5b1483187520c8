/** The surroundings of an issuance: who carries out solvers, who looks before the CA does, where words go. Layer 5. */
import { getDirectory } from "../acme";
import { checkCaa } from "../challenges/dns";
import { checkHttp01 } from "../challenges/http01";
import type { Proof } from "../challenges/solver";
import { checkTlsAlpn01 } from "../challenges/tls-alpn01";
import type {
  AccountReference,
  CertificateArguments,
  PreflightArguments,
} from "../issuance/arguments";
import { buildSolver } from "../issuance/build-solver";
import { serverFor } from "../issuance/clients";
import type { ObtainContext } from "../issuance/obtain";
import type { Reporter } from "./progress";

export function contextOf(
  account: AccountReference,
  news: CertificateArguments,
  { progress, warn }: Reporter,
  signal: AbortSignal,
  reached: ObtainContext["reached"],
): ObtainContext {
  const { preflight = true, propagation } = news;
  const settings = typeof preflight === "object" ? preflight : {};
  const { accountUrl } = account;
  const { resolvers } = settings;
  const words = { signal, progress, warn };
  return {
    ...words,
    now: Date.now,
    reached,
    solverOf: (entry) => buildSolver(entry, { accountUrl, propagation, resolvers }),
    preflight: async (proofs) => {
      if (preflight !== false) await lookAhead(account, proofs, settings, words);
    },
  };
}

/** DNS records are waited for when they are presented; what is left is CAA, and what answers on ports. */
async function lookAhead(
  account: AccountReference,
  proofs: readonly Proof[],
  settings: PreflightArguments,
  words: Pick<ObtainContext, "signal" | "progress" | "warn">,
): Promise<void> {
  const of = (wanted: string): Proof[] => proofs.filter(({ type }) => type === wanted);
  await checkHttp01(of("http-01"), { ...settings, ...words });
  await checkTlsAlpn01(of("tls-alpn-01"), { ...settings, ...words });
  const { meta } = await getDirectory(serverFor(account), { signal: words.signal });
  const domains = proofs.filter(({ identifier }) => identifier.type === "dns");
  const { resolvers } = settings;
  await checkCaa(
    domains.map(({ identifier, wildcard, type }) => ({
      name: identifier.value,
      wildcard,
      method: type,
    })),
    { caaIdentities: meta.caaIdentities, accountUrl: account.accountUrl, resolvers, ...words },
  );
}
