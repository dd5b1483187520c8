/** Asking this machine's resolvers, or given ones. */
import { getServers } from "node:dns";

import { ConfigurationError, messageOf } from "../util/errors";
import { answersTo } from "./chain";
import { ask } from "./exchange";
import type { DnsReply, QueryType, Question, ResourceRecord } from "./message";
import { nameOf, parseServerAddress, type Server, UnusableReply } from "./server";

export type Lookup =
  /** The records, or the answer that there are none. */
  | {
      readonly kind: "answer";
      readonly reply: DnsReply;
      readonly records: readonly ResourceRecord[];
    }
  /** No resolver could tell, which says nothing about the name. */
  | {
      readonly kind: "unknown";
      readonly reason: string;
      /** They answer, but refuse questions of that type, or from this machine. */
      readonly declined: boolean;
    };

/** Asks resolvers, without a cache. */
export interface Resolvers {
  readonly servers: readonly Server[];
  lookUp(name: string, type: QueryType): Promise<Lookup>;
}

/**
 * @param resolvers - `ip`, `ip:port` or the URL of DNS over HTTPS; none: those that this machine is configured with
 * @throws {@link ConfigurationError} for one that is not an address
 */
export function resolversAt(
  resolvers: readonly string[] | undefined,
  signal: AbortSignal,
): Resolvers {
  const texts = resolvers === undefined || resolvers.length === 0 ? getServers() : resolvers;
  const servers = texts.map((text) => {
    const server = isUrl(text) ? { url: text } : parseServerAddress(text);
    if (server !== undefined) return server;
    throw new ConfigurationError(
      `resolvers: "${text}" is neither an address such as "192.0.2.1:53" nor a URL for DNS over HTTPS`,
    );
  });
  return { servers, lookUp: (name, type) => lookUp(servers, name, type, signal) };
}

function isUrl(text: string): boolean {
  return /^https?:/i.test(text);
}

/** As long as a resolver that was silent is asked after the others, so that not every name waits for it. */
const SILENT_MS = 60_000;
/** For all of this process: until when, by the clock of `performance`. */
const silentUntil = new Map<string, number>();

/** The resolvers in their order, those that were silent last: the next only when one does not answer, or fails. */
async function lookUp(
  servers: readonly Server[],
  name: string,
  type: QueryType,
  signal: AbortSignal,
): Promise<Lookup> {
  const reasons: string[] = [];
  let declined = servers.length > 0;
  for (const server of silentLast(servers)) {
    try {
      const question: Question = { name, type, recurse: true };
      const reply = await ask(server, question, { signal });
      silentUntil.delete(nameOf(server));
      if (isUsable(reply)) {
        return { kind: "answer", reply, records: answersTo(name, type, reply) };
      }
      declined &&= reply.rcode === "NOTIMP" || reply.rcode === "REFUSED";
      const why = reply.rcode === "SERVFAIL" ? await whyItFails(server, question, signal) : "";
      reasons.push(`${nameOf(server)} answers ${reply.rcode}${why}`);
    } catch (error) {
      signal.throwIfAborted();
      declined = false;
      if (!(error instanceof UnusableReply)) {
        silentUntil.set(nameOf(server), performance.now() + SILENT_MS);
      }
      reasons.push(messageOf(error));
    }
  }
  const reason = reasons.length === 0 ? "there is no resolver to ask" : reasons.join(", ");
  return { kind: "unknown", reason: `${type} of ${name}: ${reason}`, declined };
}

function isUsable({ rcode }: DnsReply): boolean {
  return rcode === "NOERROR" || rcode === "NXDOMAIN";
}

/** A resolver that checks signatures says SERVFAIL for wrong ones, as for anything else. RFC 4035 §5.5 */
async function whyItFails(
  server: Server,
  question: Question,
  signal: AbortSignal,
): Promise<string> {
  try {
    const unchecked = { ...question, checkingDisabled: true };
    if (!isUsable(await ask(server, unchecked, { signal, tries: 1 }))) return "";
  } catch {
    signal.throwIfAborted();
    return "";
  }
  return ", but knows the answer when it does not check DNSSEC: the zone's signatures, or the DS records at its parent, are wrong, and CAs refuse such a zone";
}

function silentLast(servers: readonly Server[]): readonly Server[] {
  const isSilent = (server: Server): boolean =>
    (silentUntil.get(nameOf(server)) ?? 0) > performance.now();
  return [...servers].sort((a, b) => Number(isSilent(a)) - Number(isSilent(b)));
}
