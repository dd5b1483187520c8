/** DNS messages: the only door to dns-packet. Pure. @see RFC 1035 §4, RFC 2136 §2 */
import {
  type Answer,
  CHECKING_DISABLED,
  decode,
  encode,
  type OptAnswer,
  RECURSION_DESIRED,
  type RecordType,
} from "dns-packet";

import { checkNames, labelsAt } from "./wire-name";

export type QueryType = "A" | "AAAA" | "CAA" | "CNAME" | "NS" | "SOA" | "TXT";

export interface ResourceRecord {
  /** Lower case, without a trailing dot. */
  readonly name: string;
  readonly type: string;
  /** An address, a name in lower case, or the strings of a TXT record joined; empty for other types. */
  readonly text: string;
  readonly caa?: { readonly critical: boolean; readonly tag: string; readonly value: string };
}

export interface DnsReply {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL` … */
  readonly rcode: string;
  readonly truncated: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** For how many seconds a resolver may go on denying what this reply denies. @see RFC 2308 §5 */
  readonly deniedFor?: number;
}

/** That more than 512 bytes may be answered over UDP: what fits into a packet on all networks (DNS Flag Day 2020). */
const EDNS: OptAnswer = {
  type: "OPT",
  name: ".",
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

export interface Question {
  readonly name: string;
  readonly type: QueryType;
  /** For a resolver; without it, for an authoritative server. */
  readonly recurse: boolean;
  /** The answer is wanted though its signatures are wrong. RFC 4035 §3.2.2 */
  readonly checkingDisabled?: boolean;
}

/** @param withEdns - RFC 6891 */
export function encodeQuery(
  id: number,
  { name, type, recurse, checkingDisabled = false }: Question,
  withEdns: boolean,
): Buffer {
  return encode({
    type: "query",
    id,
    flags: (recurse ? RECURSION_DESIRED : 0) | (checkingDisabled ? CHECKING_DISABLED : 0),
    questions: [{ name, type }],
    additionals: withEdns ? [EDNS] : [],
  });
}

/** @throws Error when it is not a DNS message, or has names that no host or record has */
export function decodeReply(message: Buffer): DnsReply {
  const packet = decode(message) as ReturnType<typeof decode> & { readonly rcode: string };
  checkNames(message);
  return {
    rcode: packet.rcode,
    truncated: packet.flag_tc,
    answers: (packet.answers ?? []).map(recordOf),
    authorities: (packet.authorities ?? []).map(recordOf),
    deniedFor: deniedFor(packet.authorities ?? []),
  };
}

function deniedFor(authorities: readonly Answer[]): number | undefined {
  const soa = authorities.find((record) => record.type === "SOA");
  return soa && Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0);
}

const HEADER_LENGTH = 12;
const UPDATE_OPCODE = 5;

/**
 * Whether `reply` has the id and the question of `query`. An error, or the reply to an update, may come without the
 * question.
 *
 * @see RFC 5452 §9.1, RFC 2136 §3.8
 */
export function isReplyTo(query: Buffer, reply: Buffer): boolean {
  if (reply.length < HEADER_LENGTH || (reply[2] ?? 0) < 0x80) return false;
  if (reply.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  const isUpdate = ((query[2] ?? 0) >> 3) % 16 === UPDATE_OPCODE;
  const isError = !["NOERROR", "NXDOMAIN"].includes(rcodeOf(reply));
  if (reply.readUInt16BE(4) === 0) return isUpdate || isError;
  return isUpdate || questionOf(reply) === questionOf(query);
}

/** The first question as it is on the wire, in lower case. */
function questionOf(message: Buffer): string | undefined {
  try {
    const { end } = labelsAt(message, HEADER_LENGTH);
    return message.toString("latin1", HEADER_LENGTH, end + 4).toLowerCase();
  } catch {
    return undefined;
  }
}

/** The code of a reply of any kind, from its header alone: replies to updates may hold little else. */
export function rcodeOf(message: Buffer): string {
  const code = (message[3] ?? 0) & 0x0f;
  return RCODES[code] ?? `RCODE${String(code)}`;
}

const RCODES = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];

/** One TXT record that an update adds or deletes. */
export interface TxtChange {
  readonly name: string;
  readonly value: string;
  readonly ttl: number;
}

/**
 * An update of `zone` that adds or deletes exactly these records and touches nothing else under their names.
 *
 * @see RFC 2136 §2.5.1 (add to an RRset), §2.5.4 (delete an RR from an RRset)
 */
export function encodeUpdate(
  id: number,
  zone: string,
  action: "add" | "delete",
  changes: readonly TxtChange[],
): Buffer {
  const head = {
    id,
    flags: UPDATE_OPCODE << 11,
    questions: [{ name: zone, type: "SOA" as const }],
  };
  const authorities = changes.map(({ name, value, ttl }) => ({
    type: "TXT" as const,
    name,
    ttl: action === "add" ? ttl : 0,
    data: value,
  }));
  const message = encode({ ...head, type: "query", authorities });
  if (action === "delete") {
    // dns-packet has no class NONE. It does not compress names, so each record's class follows its name.
    let at = encode({ ...head, type: "query" }).length;
    for (const authority of authorities) {
      const size = encode({ type: "query", authorities: [authority] }).length - HEADER_LENGTH;
      message.writeUInt16BE(CLASS_NONE, at + wireLength(authority.name) + 2);
      at += size;
    }
  }
  return message;
}

/** How many bytes a name takes on the wire, uncompressed. */
function wireLength(name: string): number {
  return name.split(".").reduce((sum, label) => sum + 1 + Buffer.byteLength(label), 1);
}

const CLASS_NONE = 254;

function recordOf(answer: Answer): ResourceRecord {
  const { type } = answer;
  const name = lowerName(answer.name);
  switch (answer.type) {
    case "A":
    case "AAAA":
      return { name, type, text: answer.data };
    case "CNAME":
    case "DNAME":
    case "NS":
      return { name, type, text: lowerName(answer.data) };
    case "TXT":
      return { name, type, text: joined(answer.data) };
    case "CAA": {
      const { flags = 0, tag, value } = answer.data;
      const caa = { critical: (flags & 0x80) !== 0, tag: tag.toLowerCase(), value };
      return { name, type, text: value, caa };
    }
    default:
      return { name, type: type satisfies RecordType, text: "" };
  }
}

/** RFC 8555 §8.4: the strings of one record belong together. */
function joined(data: string | Buffer | readonly (string | Buffer)[]): string {
  const parts = typeof data === "string" || Buffer.isBuffer(data) ? [data] : data;
  return parts.map((part) => part.toString("utf8")).join("");
}

function lowerName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
