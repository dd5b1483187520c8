/** Which solver proves which name. Pure. */
import type { AcmeIdentifier } from "../acme";
import { ConfigurationError } from "../util/errors";
import { isInZone } from "../util/names";
import type { SolverArguments } from "./solver-arguments";

/** The challenge type that an entry answers, RFC 8555 §8. */
export function challengeTypeOf(solver: SolverArguments): string {
  if (solver.http01 !== undefined) return "http-01";
  if (solver.tlsAlpn01 !== undefined) return "tls-alpn-01";
  if (solver.dns01 !== undefined) return "dns-01";
  if (solver.dnsAccount01 !== undefined) return "dns-account-01";
  if (solver.dnsPersist01 !== undefined) return "dns-persist-01";
  if (solver.prepared !== undefined) return solver.prepared;
  throw new ConfigurationError("solvers: an entry names no challenge type");
}

/** Why an entry can never prove a name, whatever its selector says; `undefined` when it can. */
function mismatch(solver: SolverArguments, { type, value }: AcmeIdentifier): string | undefined {
  const overDns = challengeTypeOf(solver).startsWith("dns-");
  // "only DNS-based challenges prove control of a whole domain", RFC 8555 §7.1.3 and §10.2; CAs refuse the others.
  if (value.startsWith("*.") && !overDns) return "is a wildcard, which only a DNS solver can prove";
  // RFC 8738 §7: "the dns-01 challenge MUST NOT be used to validate IP identifiers".
  if (type === "ip" && overDns) return "is an IP address, which no DNS solver can prove";
  return undefined;
}

/**
 * The entries that are tried for `identifier`, the best first: an exact name before the longest zone before an entry
 * without selector; equally specific ones in the order in which they are written.
 */
export function solversFor(
  solvers: readonly SolverArguments[],
  identifier: AcmeIdentifier,
): SolverArguments[] {
  return solvers
    .map((solver) => ({ solver, rank: specificity(solver, identifier) }))
    .filter((entry): entry is { solver: SolverArguments; rank: number } => entry.rank !== undefined)
    .filter(({ solver }) => mismatch(solver, identifier) === undefined)
    .sort((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank))
    .map(({ solver }) => solver);
}

/** Why no entry proves `identifier`, for people; `undefined` when one does. */
export function unsolvable(
  solvers: readonly SolverArguments[],
  identifier: AcmeIdentifier,
): string | undefined {
  if (solversFor(solvers, identifier).length > 0) return undefined;
  const matching = solvers.filter((solver) => specificity(solver, identifier) !== undefined);
  const reasons = matching.map((solver) => mismatch(solver, identifier));
  return (
    reasons.find((reason) => reason !== undefined) ??
    "matches the dnsNames or dnsZones of no solver"
  );
}

/** Larger is more specific; `undefined` does not match. An address has no zone: only entries without selector take it. */
function specificity(solver: SolverArguments, { type, value }: AcmeIdentifier): number | undefined {
  if (solver.dnsNames === undefined && solver.dnsZones === undefined) return 0;
  if (type === "ip") return undefined;
  if (solver.dnsNames?.includes(value) === true) return Number.POSITIVE_INFINITY;
  const zones = (solver.dnsZones ?? []).filter((zone) => isInZone(value, zone));
  return zones.length === 0 ? undefined : Math.max(...zones.map((zone) => zone.length));
}
