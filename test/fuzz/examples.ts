/** Messages that are read in octets. */
import { encode } from "dns-packet";

import type { TsigKey } from "../../sdk/dns/tsig";

export const TSIG_KEY: TsigKey = {
  name: "key.example",
  secret: Buffer.from("a secret that nobody shall read!"),
  algorithm: "hmac-sha256",
};

/** A reply with one record of each type that is looked at. */
export function dnsReply(): Buffer {
  const name = "a.example";
  return encode({
    type: "response",
    id: 1,
    flags: 0x180,
    questions: [{ type: "TXT", name }],
    answers: [
      { type: "CNAME", name, data: "b.example" },
      { type: "TXT", name: "b.example", data: ["one", "two"] },
      { type: "A", name, data: "192.0.2.1" },
      { type: "AAAA", name, data: "2001:db8::1" },
      { type: "CAA", name, data: { flags: 128, tag: "issue", value: "ca.example" } },
      { type: "NS", name, data: "ns.example" },
    ],
    authorities: [
      {
        type: "SOA",
        name: "example",
        ttl: 60,
        data: { mname: "ns.example", rname: "admin.example", minimum: 30 },
      },
    ],
  });
}

/** A ClientHello for `a.example` and `acme-tls/1`, in one record and in several. */
export function helloRecords(): string[] {
  const vector = (size: 1 | 2, ...parts: Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    const length = Buffer.alloc(size);
    length.writeUIntBE(content.length, 0, size);
    return Buffer.concat([length, content]);
  };
  const extension = (type: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0, type]), vector(2, content)]);
  const serverName = vector(2, Buffer.from([0]), vector(2, Buffer.from("a.example")));
  const protocols = vector(2, vector(1, Buffer.from("acme-tls/1")));
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(32)),
    vector(2, Buffer.from([0x13, 1])),
    vector(1, Buffer.from([0])),
    vector(2, extension(0, serverName), extension(16, protocols)),
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), vector(2, body)]);
  const record = (content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([22, 3, 1]), vector(2, content)]);
  const halves = [message.subarray(0, 40), message.subarray(40)].map(record);
  return [record(message), Buffer.concat(halves)].map((bytes) => bytes.toString("latin1"));
}
