/** The preflight of CAA records: whether they let this CA and this account issue. @see RFC 8659 §3 */
import { mapConcurrent } from "../../util/concurrency";
import { forbiddenBy } from "../../dns/caa-records";
import { type Resolvers, resolversAt } from "../../dns/lookup";
import { upwards } from "../../dns/zone";
import { ChallengeError } from "../solver";

export interface CaaName {
  /** Without `*.`. */
  readonly name: string;
  readonly wildcard: boolean;
  /** The challenge type that proves it, as in RFC 8555 §8. */
  readonly method: string;
}

export interface CaaCheck {
  /** From the CA's directory; where it names none, nothing can be checked. */
  readonly caaIdentities: readonly string[];
  readonly accountUrl: string;
  /** `ip:port`; default: this machine's. */
  readonly resolvers?: readonly string[];
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
}

const AT_ONCE = 16;

/**
 * Checks the CAA records of every name, as the CA will. DNS that does not answer is a warning, because it may answer the
 * CA.
 *
 * @throws {@link ChallengeError} naming every name whose records forbid this CA, account or challenge type, and why
 */
export async function checkCaa(names: readonly CaaName[], check: CaaCheck): Promise<void> {
  if (check.caaIdentities.length === 0) return;
  const resolvers = resolversAt(check.resolvers, check.signal);
  const results = await mapConcurrent(AT_ONCE, names, (name) => checkOne(name, check, resolvers));
  const problems = results.filter((problem) => problem !== undefined);
  if (problems.length === 0) return;
  throw new ChallengeError(
    `${problems.join("; ")}; change the CAA records, or use a CA, account and challenge type that they allow (the CA was not asked; preflight: false skips this check)`,
  );
}

async function checkOne(
  { name, wildcard, method }: CaaName,
  check: CaaCheck,
  resolvers: Resolvers,
): Promise<string | undefined> {
  const shown = wildcard ? `*.${name}` : name;
  // RFC 8659 §3: the closest set that is not empty, from the name up to the top-level domain, decides alone.
  for (const domain of upwards(name)) {
    const found = await resolvers.lookUp(domain, "CAA");
    if (found.kind === "unknown") {
      check.warn(`CAA records of ${shown} cannot be checked from here: ${found.reason}`);
      return undefined;
    }
    const properties = found.records.flatMap(({ caa }) => (caa === undefined ? [] : [caa]));
    if (properties.length === 0) continue;
    const why = forbiddenBy(properties, { ...check, method, wildcard });
    return why === undefined ? undefined : `CAA of ${domain} forbids ${shown}: ${why}`;
  }
  return undefined;
}
