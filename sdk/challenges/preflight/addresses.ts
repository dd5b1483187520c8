/** Where a name points, as a CA would find out. */
import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export type Lookup =
  | { readonly kind: "found"; readonly addresses: readonly Address[] }
  /** DNS says that there is no such name, or that it has no address: the CA will hear the same. */
  | { readonly kind: "absent"; readonly reason: string }
  /** DNS did not answer, which says nothing about the CA. */
  | { readonly kind: "unknown"; readonly reason: string };

const QUERY_MS = 5000;
const QUERY_TRIES = 2;

/**
 * The addresses of `host`, IPv6 first, as CAs try them.
 *
 * @param resolvers - `ip:port` of the name servers to ask; none: this machine's own way.
 */
export async function lookUp(host: string, resolvers: readonly string[]): Promise<Lookup> {
  const family = isIP(host);
  if (family !== 0)
    return { kind: "found", addresses: [{ address: host, family: family as 4 | 6 }] };
  return resolvers.length === 0 ? lookUpHere(host) : lookUpAt(host, resolvers);
}

async function lookUpHere(host: string): Promise<Lookup> {
  try {
    const found = await lookup(host, { all: true });
    return sorted(found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })));
  } catch (error) {
    return failure([error]);
  }
}

async function lookUpAt(host: string, resolvers: readonly string[]): Promise<Lookup> {
  const resolver = new Resolver({ timeout: QUERY_MS, tries: QUERY_TRIES });
  resolver.setServers(resolvers);
  const results = await Promise.allSettled([resolver.resolve6(host), resolver.resolve4(host)]);
  const found: Address[] = [];
  const errors: unknown[] = [];
  for (const [index, result] of results.entries()) {
    const family = index === 0 ? 6 : 4;
    if (result.status === "rejected") errors.push(result.reason);
    else found.push(...result.value.map((address) => ({ address, family }) as const));
  }
  return found.length > 0 ? sorted(found) : failure(errors);
}

function sorted(addresses: readonly Address[]): Lookup {
  const order = [...addresses].sort((a, b) => b.family - a.family);
  return { kind: "found", addresses: order };
}

function failure(errors: readonly unknown[]): Lookup {
  const codes = errors.map((error) => (error as NodeJS.ErrnoException).code ?? "");
  if (codes.length > 0 && codes.every((code) => code === "ENOTFOUND")) {
    return { kind: "absent", reason: "DNS knows no such name" };
  }
  if (codes.length > 0 && codes.every((code) => code === "ENOTFOUND" || code === "ENODATA")) {
    return { kind: "absent", reason: "DNS has neither an A nor an AAAA record for it" };
  }
  return { kind: "unknown", reason: `DNS did not answer (${[...new Set(codes)].join(", ")})` };
}
