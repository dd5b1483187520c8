/** dns-01 and dns-account-01 by records that a provider adds. @see RFC 8555 §8.4 */
import { messageOf } from "../../util/errors";
import { enumerate } from "../../util/text";
import { dns01RecordName, dns01RecordValue, dnsAccount01RecordName } from "../../util/challenge";
import { ChallengeError, type Proof, type Solver } from "../solver";
import { checkedToken } from "../token";
import { presentRecords } from "./presentation";
import type { Propagation, PropagationContext } from "./propagation";
import { type DnsProvider, type DnsRecord, TTL_SECONDS } from "./provider";

export interface DnsSolverOptions {
  /** Several for split DNS: each gets all records, and all must succeed. */
  readonly provider: DnsProvider | readonly DnsProvider[];
  /** Whether records are put where CNAMEs and DNAMEs of their names lead. Default: true. */
  readonly followCname?: boolean;
  readonly propagation?: Propagation;
  /** Seconds; default 60. */
  readonly ttl?: number;
  /** `ip:port`, where `propagation` names none, to follow CNAMEs and to find name servers; default: this machine's. */
  readonly resolvers?: readonly string[];
  /** Of authoritative servers; others than 53 are for tests. */
  readonly port?: PropagationContext["port"];
}

export interface DnsAccountSolverOptions extends DnsSolverOptions {
  /** Exactly as the CA wrote it. */
  readonly accountUrl: string;
}

/**
 * Proves names by TXT records below `_acme-challenge`. All records of one presentation are added together and waited
 * for once; only these values are removed again.
 *
 * @see RFC 8555 §8.4, DNS Challenge
 */
export function dns01Solver(options: DnsSolverOptions): Solver {
  return dnsSolver("dns-01", dns01RecordName, options);
}

/**
 * Like {@link dns01Solver}, under a name of the account's own, so that several accounts can prove one name.
 *
 * @see draft-ietf-acme-dns-account-label
 */
export function dnsAccount01Solver(options: DnsAccountSolverOptions): Solver {
  const { accountUrl } = options;
  return dnsSolver(
    "dns-account-01",
    (domain) => dnsAccount01RecordName(domain, accountUrl),
    options,
  );
}

function dnsSolver(
  challengeType: string,
  nameFor: (domain: string) => string,
  options: DnsSolverOptions,
): Solver {
  const providers: readonly DnsProvider[] =
    "add" in options.provider ? [options.provider] : options.provider;
  return {
    challengeType,
    label: `${challengeType} by ${enumerate(providers.map(({ label }) => label))}`,
    present: async (proofs, context) => {
      for (const proof of proofs) check(proof);
      const records = recordsOf(proofs, nameFor, options);
      const { followCname = true, port } = options;
      const propagation = propagationOf(options);
      try {
        return await presentRecords(
          { challengeType, providers, records, followCname, propagation },
          { ...context, port },
        );
      } catch (error) {
        context.signal.throwIfAborted();
        throw failed(challengeType, proofs, error);
      }
    },
  };
}

/** @throws {@link ChallengeError} for an IP address, or for a token that is none: it goes to hooks and web services */
function check(proof: Proof): void {
  const { identifier, type } = proof;
  if (identifier.type !== "dns") {
    throw new ChallengeError(
      `${type} for ${identifier.value}: an address has no DNS records to prove it (RFC 8738 §7)`,
    );
  }
  checkedToken(proof);
}

function propagationOf({ propagation = {}, resolvers }: DnsSolverOptions): Propagation {
  return { ...propagation, resolvers: propagation.resolvers ?? resolvers };
}

function failed(challengeType: string, proofs: readonly Proof[], error: unknown): Error {
  const names = enumerate([...new Set(proofs.map(({ identifier }) => identifier.value))]);
  return new ChallengeError(`${challengeType} for ${names}: ${messageOf(error)}`, { cause: error });
}

/** One record for each name and value: a name that two proofs share has both values. */
function recordsOf(
  proofs: readonly Proof[],
  nameFor: (domain: string) => string,
  { ttl = TTL_SECONDS }: DnsSolverOptions,
): DnsRecord[] {
  const records = new Map<string, DnsRecord>();
  for (const { identifier, token, keyAuthorization } of proofs) {
    const name = nameFor(identifier.value);
    const value = dns01RecordValue(keyAuthorization);
    const domain = identifier.value;
    records.set(`${name} ${value}`, { name, value, ttl, domain, token, keyAuthorization });
  }
  return [...records.values()];
}
