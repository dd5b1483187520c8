/** Replies as a name server could write them, byte by byte. Test support of this folder. */
import { createSocket } from "node:dgram";

import { onTestFinished } from "vitest";

const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, TXT: 16, DNAME: 39, CAA: 257 } as const;

export interface WireRecord {
  readonly name: readonly string[];
  readonly type: keyof typeof TYPES;
  readonly data: Buffer;
}

/** Labels as they are given, dots inside them included. */
export function wireName(labels: readonly string[]): Buffer {
  const parts = labels.map((label) => Buffer.from(label, "latin1"));
  return Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from([part.length]), part]),
    Buffer.from([0]),
  ]);
}

/** A reply to `query`: its question, unless another is given, and `answers`. */
export function replyTo(
  query: Buffer,
  options: {
    readonly rcode?: number;
    readonly truncated?: boolean;
    readonly question?: Buffer;
    readonly answers?: readonly WireRecord[];
  } = {},
): Buffer {
  const { rcode = 0, truncated = false, answers = [] } = options;
  const question = options.question ?? questionOf(query);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8400 | (truncated ? 0x0200 : 0) | rcode, 2);
  header.writeUInt16BE(question.length === 0 ? 0 : 1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, question, ...answers.map(wireRecord)]);
}

export function wireQuestion(labels: readonly string[], type: keyof typeof TYPES): Buffer {
  return Buffer.concat([wireName(labels), Buffer.from([0, TYPES[type], 0, 1])]);
}

function questionOf(query: Buffer): Buffer {
  return query.subarray(12, query.indexOf(0, 12) + 5);
}

function wireRecord({ name, type, data }: WireRecord): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(TYPES[type], 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(60, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([wireName(name), head, data]);
}

/** A name server for one test: answers over UDP with what `answer` gives, in that order. */
export async function replyServer(answer: (query: Buffer) => readonly Buffer[]) {
  const queries: Buffer[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    queries.push(query);
    for (const reply of answer(query)) socket.send(reply, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => socket.close(resolve)));
  return { address: "127.0.0.1", port: socket.address().port, queries };
}
