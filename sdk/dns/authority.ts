/** The authoritative name servers of a name. */
import { isIPv6 } from "node:net";

import { isLinkLocal } from "../util/host-name";
import { isInZone } from "../util/names";
import { ask } from "./exchange";
import type { Resolvers } from "./lookup";
import type { DnsReply, QueryType } from "./message";
import type { ServerAddress } from "./server";
import { findZone, upwards } from "./zone";

export interface NameServer extends ServerAddress {
  readonly name: string;
}

export interface Authority {
  readonly zone: string;
  /** All name servers with all their addresses. */
  readonly servers: readonly NameServer[];
}

/** The resolvers answer, but know no zone: they are not connected to the public DNS, as in tests. */
export class NoZone extends Error {
  override readonly name = "NoZone";
}

/** A zone names no server that has an address. */
export class NoNameServers extends Error {
  override readonly name = "NoNameServers";
}

/**
 * Finds the name servers of names, and remembers them.
 *
 * Resolvers are asked about the zones above a name, never about the name itself: they would cache that it does not exist
 * (RFC 2308) and deny the record that is about to be added, also to a CA that uses them.
 */
export interface Authorities {
  /** @throws Error saying what could not be found out; {@link NoZone}; {@link NoNameServers} */
  of(name: string): Promise<Authority>;
  /**
   * What the first of the name's servers answers; `undefined` where none can be asked.
   *
   * @throws Error where the resolvers do not answer; {@link NoZone}
   */
  ask(name: string, type: QueryType): Promise<DnsReply | undefined>;
}

/** More zone cuts than this are a loop. */
const MAX_CUTS = 10;
const ASK_MS = 2000;

/** @param port - of name servers; others than 53 are for tests */
export function authoritiesBy(resolvers: Resolvers, signal: AbortSignal, port = 53): Authorities {
  const known = new Map<string, Promise<Authority>>();
  const authorityOf = (zone: string): Promise<Authority> => {
    const found = known.get(zone) ?? serversOf(zone, resolvers, port);
    known.set(zone, found);
    found.catch(() => known.delete(zone));
    return found;
  };
  const of = async (name: string): Promise<Authority> => {
    let authority = await authorityOf(await zoneAbove(name, resolvers));
    for (let cuts = 0; cuts < MAX_CUTS; cuts++) {
      const reply = await askFirst(authority, name, "SOA", signal);
      const below = reply && zoneBelow(name, authority.zone, reply);
      if (below === undefined) break;
      authority = await authorityOf(below);
    }
    return authority;
  };
  return {
    of,
    ask: async (name, type) => {
      try {
        return await askFirst(await of(name), name, type, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof NoNameServers) return undefined;
        throw error;
      }
    },
  };
}

async function zoneAbove(name: string, resolvers: Resolvers): Promise<string> {
  const [, parent = name] = upwards(name);
  let reason: string | undefined;
  const zone = await findZone(parent, async (candidate) => {
    const found = await resolvers.lookUp(candidate, "SOA");
    if (found.kind === "answer") return found.reply;
    if (!found.declined) reason = found.reason;
    return undefined;
  });
  if (zone !== undefined) return zone;
  if (reason !== undefined) throw new Error(`the zone of ${name} is not found: ${reason}`);
  throw new NoZone(`the zone of ${name} is not found: there is no SOA record from it upwards`);
}

/** A zone between `zone` and `name`, or at `name`: by the referral of a server of `zone`, or because it serves it too. */
function zoneBelow(name: string, zone: string, reply: DnsReply): string | undefined {
  return [...reply.answers, ...reply.authorities].find(
    (record) =>
      (record.type === "SOA" || record.type === "NS") &&
      record.name.length > zone.length &&
      isInZone(name, record.name),
  )?.name;
}

async function askFirst(
  { servers }: Authority,
  name: string,
  type: QueryType,
  signal: AbortSignal,
): Promise<DnsReply | undefined> {
  const questions = servers.map(async (server) => {
    const question = { name, type, recurse: false };
    const reply = await ask(server, question, { signal, tries: 1, timeoutMs: ASK_MS });
    if (reply.rcode !== "NOERROR" && reply.rcode !== "NXDOMAIN") throw new Error(reply.rcode);
    return reply;
  });
  try {
    return await Promise.any(questions);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function serversOf(zone: string, resolvers: Resolvers, port: number): Promise<Authority> {
  const found = await resolvers.lookUp(zone, "NS");
  if (found.kind === "unknown") {
    throw new Error(`the name servers of ${zone} are not found: ${found.reason}`);
  }
  const names = [...new Set(found.records.map(({ text }) => text))].sort();
  const addresses = await Promise.all(names.map((name) => addressesOf(name, resolvers)));
  const servers = names.flatMap((name, index) =>
    (addresses[index] ?? []).map((address) => ({ name, address, port })),
  );
  if (servers.length === 0) {
    const what =
      names.length === 0
        ? "it has no NS record"
        : `${names.join(", ")} have no address that can be asked`;
    throw new NoNameServers(`the name servers of ${zone} are not found: ${what}`);
  }
  return { zone, servers };
}

async function addressesOf(name: string, resolvers: Resolvers): Promise<string[]> {
  const found = await Promise.all([resolvers.lookUp(name, "A"), resolvers.lookUp(name, "AAAA")]);
  return (
    found
      .flatMap((each) => (each.kind === "answer" ? each.records : []))
      .map(({ text }) => text)
      // Who owns a zone chooses them: they must not lead this machine to places that only it can reach.
      .filter((address) => !isLinkLocal(address))
      .sort((a, b) => Number(isIPv6(a)) - Number(isIPv6(b)))
  );
}
