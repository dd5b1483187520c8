/** A DNS zone in which a record appears a while after it was asked for, as at most DNS hosts. Bench. */
import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  type Question,
  streamDecode,
  streamEncode,
} from "dns-packet";
import { ZONE } from "./names";

export interface SlowZone {
  /** Promises the record; it is there after the zone's delay. */
  readonly add: (name: string, value: string) => void;
  readonly remove: (name: string, value: string) => void;
  readonly stop: () => Promise<void>;
}

/** lego asks name servers on port 53 alone, and finds their addresses by the system's means: hence this name. */
const NAME_SERVER = "localhost";
const ADDRESS = "127.0.0.1";
const PORT = 53;

/** Who asks whether records are there: resolver and name server in one. */
export const RESOLVER = `${ADDRESS}:${String(PORT)}`;

/** @throws where port 53 is not to be had: it belongs to root, or to another DNS server */
export async function startSlowZone(delayMs: number): Promise<SlowZone> {
  const visible = new Map<string, Set<string>>();
  const pending = new Map<string, NodeJS.Timeout>();
  const answer = ({ id, questions = [] }: Packet): Packet => {
    const answers = questions.flatMap((question) => answersTo(question, visible));
    return { type: "response", id: id ?? 0, flags: AUTHORITATIVE_ANSWER, questions, answers };
  };
  const sockets: (Socket | Server)[] = [await listenUdp("udp4", ADDRESS, answer)];
  // `localhost` may be that one, too, and is it first where it is.
  const six = await listenUdp("udp6", "::1", answer).catch(() => undefined);
  if (six !== undefined) sockets.push(six);
  sockets.push(await listenTcp(answer));
  return {
    add: (name, value) => {
      const show = (): void => {
        visible.set(name, (visible.get(name) ?? new Set()).add(value));
      };
      pending.set(`${name} ${value}`, setTimeout(show, delayMs));
    },
    remove: (name, value) => {
      clearTimeout(pending.get(`${name} ${value}`));
      visible.get(name)?.delete(value);
    },
    stop: async () => {
      for (const timer of pending.values()) clearTimeout(timer);
      await Promise.all(
        sockets.map(
          (socket) =>
            new Promise<void>((resolve) => {
              socket.close(() => {
                resolve();
              });
            }),
        ),
      );
    },
  };
}

type AnswerTo = (query: Packet) => Packet;

function listenUdp(type: "udp4" | "udp6", address: string, answer: AnswerTo): Promise<Socket> {
  const socket = createSocket(type);
  socket.on("message", (query, from) => {
    socket.send(encode(answer(decode(query))), from.port, from.address);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject).bind(PORT, address, () => {
      resolve(socket);
    });
  });
}

/** Pebble asks over TCP. @see RFC 1035 §4.2.2 */
function listenTcp(answer: AnswerTo): Promise<Server> {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      socket.end(streamEncode(answer(streamDecode(received))));
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(PORT, ADDRESS, () => {
      resolve(server);
    });
  });
}

/** A name that is not there has no records: nobody here distinguishes that. */
function answersTo(
  { name, type }: Question,
  visible: ReadonlyMap<string, ReadonlySet<string>>,
): Answer[] {
  const asked = name.toLowerCase();
  if (type === "TXT") return [...(visible.get(asked) ?? [])].map((data) => ({ name, type, data }));
  if (type === "A" && asked === NAME_SERVER) return [{ name, type, data: ADDRESS }];
  if (asked !== ZONE) return [];
  if (type === "NS") return [{ name, type, data: NAME_SERVER }];
  if (type === "SOA")
    return [{ name, type, data: { mname: NAME_SERVER, rname: `hostmaster.${ZONE}` } }];
  return [];
}
