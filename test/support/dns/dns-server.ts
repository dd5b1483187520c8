/** A DNS server on a loopback port that knows a few names. Test support of this folder. */
import { createSocket } from "node:dgram";

export interface DnsServer {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** The names and types that were asked for, those that got no answer included. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

const NXDOMAIN = 3;
const TYPE = { 1: "A", 28: "AAAA" } as Record<number, string | undefined>;

/** Answers A and AAAA questions by `records`: addresses, an empty list, or a name that does not exist. */
export async function dnsServer(
  records: Record<string, readonly string[] | "nxdomain" | "silent">,
): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const { name, type, end } = question(query);
    asked.push(`${name} ${TYPE[type] ?? String(type)}`);
    const record = records[name] ?? "nxdomain";
    if (record === "silent") return;
    const addresses =
      record === "nxdomain"
        ? []
        : record.filter((address) => (address.includes(":") ? "AAAA" : "A") === TYPE[type]);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8580 | (record === "nxdomain" ? NXDOMAIN : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    const answers = addresses.map((address) => answer(type, bytesOf(address)));
    socket.send(
      Buffer.concat([header, query.subarray(12, end), ...answers]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  return {
    address: `127.0.0.1:${String(port)}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        socket.close(resolve);
      }),
  };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name of the question, by reference to it.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** Of IPv6 only the loopback address is needed. */
function bytesOf(address: string): Buffer {
  if (address === "::1") return Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
  return Buffer.from(address.split(".").map(Number));
}
