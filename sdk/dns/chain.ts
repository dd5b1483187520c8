/** The CNAMEs and DNAMEs within one reply. Pure. @see RFC 1034 §3.6.2, RFC 6672 */
import { isInZone } from "../util/names";
import type { DnsReply, QueryType, ResourceRecord } from "./message";

/** Resolvers follow about as many. */
export const MAX_CNAMES = 10;

/** Where `name` leads by one step; `undefined` where the reply has no CNAME or DNAME for it. */
export function targetOf(name: string, { answers }: DnsReply): string | undefined {
  const cname = answers.find((record) => record.type === "CNAME" && record.name === name);
  if (cname !== undefined) return cname.text;
  // Servers send a CNAME along with a DNAME; one that does not leaves the arithmetic to the client.
  const dname = answers.find(
    (record) => record.type === "DNAME" && record.name !== name && isInZone(name, record.name),
  );
  return dname && `${name.slice(0, -dname.name.length)}${dname.text}`;
}

/** Where `name` leads by all steps that the reply shows; `name` itself where there is none. */
export function endOf(name: string, reply: DnsReply): string {
  let end = name;
  for (let steps = 0; steps < MAX_CNAMES; steps++) {
    const target = targetOf(end, reply);
    if (target === undefined) break;
    end = target;
  }
  return end;
}

/** The records that answer a question: those of other names are nobody's business (RFC 5452 §6). */
export function answersTo(name: string, type: QueryType, reply: DnsReply): ResourceRecord[] {
  const end = endOf(name, reply);
  return reply.answers.filter((record) => record.type === type && record.name === end);
}
