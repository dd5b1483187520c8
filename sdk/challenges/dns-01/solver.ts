/** dns-01 and dns-account-01 by records that a provider adds. @see RFC 8555 §8.4 */
import { messageOf } from "../../util/errors";
import { enumerate } from "../../util/text";
import { dns01RecordName, dns01RecordValue, dnsAccount01RecordName } from "../../util/challenge";
import { mapConcurrent } from "../../util/concurrency";
import { authoritiesBy } from "../../dns/authority";
import { followDelegation } from "../../dns/delegation";
import { resolversAt } from "../../dns/lookup";
import { type Propagation, type PropagationContext, waitForPropagation } from "./propagation";
import { ChallengeError, type Proof, type Solver, type SolverContext } from "../solver";
import { checkedToken } from "../token";
import { AddedRecords } from "./added-records";
import type { DnsProvider, DnsRecord } from "./provider";

export interface DnsSolverOptions {
  /** Several for split DNS: each gets all records, and all must succeed. */
  readonly provider: DnsProvider | readonly DnsProvider[];
  /** Whether records are put where CNAMEs and DNAMEs of their names lead. Default: true. */
  readonly followCname?: boolean;
  readonly propagation?: Propagation;
  /** Seconds; default 60. */
  readonly ttl?: number;
  /** `ip:port`, to follow CNAMEs and to find name servers; default: `propagation.resolvers`, else this machine's. */
  readonly resolvers?: readonly string[];
  /** Of authoritative servers; others than 53 are for tests. */
  readonly port?: PropagationContext["port"];
}

export interface DnsAccountSolverOptions extends DnsSolverOptions {
  /** Exactly as the CA wrote it. */
  readonly accountUrl: string;
}

const TTL_SECONDS = 60;
const AT_ONCE = 16;

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
      const targets = await targetsOf(proofs, nameFor, options, context);
      const records = recordsOf(proofs, nameFor, targets, options);
      const followedCname = options.followCname !== false;
      const presentation = new AddedRecords(
        challengeType,
        providers,
        records,
        context,
        followedCname,
      );
      try {
        await presentation.add();
        const visible = records.map(({ domain, value }) => ({
          name: targets.get(nameFor(domain)) ?? nameFor(domain),
          value,
        }));
        const { port } = options;
        await waitForPropagation(visible, propagationOf(options), { ...context, port });
        return presentation;
      } catch (error) {
        await presentation.cleanUp().catch((remains: unknown) => {
          context.warn(messageOf(remains));
        });
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

/** Where each record name leads. @throws {@link ChallengeError} with the errors of all names */
async function targetsOf(
  proofs: readonly Proof[],
  nameFor: (domain: string) => string,
  options: DnsSolverOptions,
  context: SolverContext,
): Promise<ReadonlyMap<string, string>> {
  const { check, resolvers } = propagationOf(options);
  // Where CNAMEs lead is where records become visible, whoever follows them; it matters only if that is checked.
  if (options.followCname === false && check === "none") return new Map();
  const ask = resolversAt(options.resolvers ?? resolvers, context.signal);
  const authorities = authoritiesBy(ask, context.signal, options.port);
  const names = [...new Set(proofs.map(({ identifier }) => nameFor(identifier.value)))];
  const problems: string[] = [];
  const targets = await mapConcurrent(AT_ONCE, names, async (name) => {
    try {
      return await followDelegation(name, ask, authorities);
    } catch (error) {
      context.signal.throwIfAborted();
      if (options.followCname !== false) problems.push(messageOf(error));
      return name;
    }
  });
  if (problems.length > 0) {
    const why = `${problems.join("; ")} (propagation.resolvers asks other resolvers, followCname: false ignores CNAMEs)`;
    throw failed(proofs[0]?.type ?? "", proofs, why);
  }
  return new Map(names.map((name, index) => [name, targets[index] ?? name]));
}

/** One record for each name and value: a name that two proofs share has both values. */
function recordsOf(
  proofs: readonly Proof[],
  nameFor: (domain: string) => string,
  targets: ReadonlyMap<string, string>,
  { followCname = true, ttl = TTL_SECONDS }: DnsSolverOptions,
): DnsRecord[] {
  const records = new Map<string, DnsRecord>();
  for (const { identifier, token, keyAuthorization } of proofs) {
    const asked = nameFor(identifier.value);
    const name = followCname ? (targets.get(asked) ?? asked) : asked;
    const value = dns01RecordValue(keyAuthorization);
    records.set(`${name} ${value}`, {
      name,
      value,
      ttl,
      domain: identifier.value,
      token,
      keyAuthorization,
    });
  }
  return [...records.values()];
}
