/** Where a name points, as a CA would find out: by DNS alone, without hosts files and search lists. */
import { isIP, isIPv6 } from "node:net";

import { type Lookup as DnsLookup, resolversAt } from "../../dns/lookup";
import { isLoopback } from "../../util/host-name";
import { hostsFileAddresses } from "./hosts-file";

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export type Lookup =
  /** `inDns`: false for what this machine's hosts file says and DNS does not. */
  | { readonly kind: "found"; readonly addresses: readonly Address[]; readonly inDns: boolean }
  /** DNS says that there is no such name, or that it has no address: the CA will hear the same. */
  | { readonly kind: "absent"; readonly reason: string }
  /** DNS did not answer, which says nothing about the CA. */
  | { readonly kind: "unknown"; readonly reason: string };

const LOOPBACK: readonly string[] = ["::1", "127.0.0.1"];

/**
 * The addresses of `host`, IPv6 first, as CAs try them.
 *
 * @param resolvers - `ip:port` of the name servers to ask; none: this machine's, and its hosts file for what they do not know
 */
export async function lookUp(
  host: string,
  resolvers: readonly string[],
  signal: AbortSignal,
): Promise<Lookup> {
  if (isIP(host) !== 0) return found([host], true);
  // RFC 6761 §6.3: whatever DNS says, these are addresses of the machine that asks.
  if (isLoopback(host) || host.endsWith(".localhost")) return found(LOOPBACK, true);
  const answer = await lookUpInDns(host, resolvers, signal);
  if (answer.kind === "found" || resolvers.length > 0) return answer;
  const own = await hostsFileAddresses(host);
  return own.length > 0 ? found(own, false) : answer;
}

async function lookUpInDns(
  host: string,
  servers: readonly string[],
  signal: AbortSignal,
): Promise<Lookup> {
  const resolvers = resolversAt(servers, signal);
  const results = await Promise.all([resolvers.lookUp(host, "AAAA"), resolvers.lookUp(host, "A")]);
  const addresses = results.flatMap((each) => (each.kind === "answer" ? each.records : []));
  if (addresses.length === 0) return withoutAddress(results);
  return found(
    addresses.map(({ text }) => text),
    true,
  );
}

function withoutAddress(results: readonly DnsLookup[]): Lookup {
  const unknown = results.find((each) => each.kind === "unknown");
  if (unknown !== undefined) {
    return { kind: "unknown", reason: `DNS did not answer (${unknown.reason})` };
  }
  const denied = results.every((each) => each.kind === "answer" && each.reply.rcode === "NXDOMAIN");
  const reason = denied
    ? "DNS knows no such name"
    : "DNS has neither an A nor an AAAA record for it";
  return { kind: "absent", reason };
}

function found(addresses: readonly string[], inDns: boolean): Lookup {
  const sorted = addresses
    .map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }) as const)
    .sort((a, b) => b.family - a.family);
  return { kind: "found", addresses: sorted, inDns };
}
