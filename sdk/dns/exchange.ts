/** One question to one DNS server, over UDP, TCP or HTTPS. @see RFC 1035 §4.2, RFC 7766, RFC 8484 */
import { randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { connect, isIPv6 } from "node:net";

import { unlessAborted } from "../util/abort";
import { messageOf } from "../util/errors";
import { exchangeHttps } from "./https";
import { decodeReply, type DnsReply, encodeQuery, isReplyTo, type Question } from "./message";
import { NoAnswer, type Server, type ServerAddress, UnusableReply } from "./server";

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** For each of the tries. */
  readonly timeoutMs?: number;
  /** Over UDP; default 2. */
  readonly tries?: number;
}

const UDP_MS = 2000;
const UDP_TRIES = 2;
const TCP_MS = 5000;

/** A random message ID, which a forged answer would have to guess. @see RFC 5452 §9 */
export function newMessageId(): number {
  return randomInt(0x10000);
}

/**
 * Asks `server` a question: over HTTPS if it has a URL, else over UDP, and again over TCP where the answer did not fit.
 *
 * @throws {@link NoAnswer}
 */
export async function ask(
  server: Server,
  question: Question,
  options: ExchangeOptions,
): Promise<DnsReply> {
  if ("url" in server) {
    // RFC 8484 §4.1: the same question has the same URL.
    const query = encodeQuery(0, question, true);
    return decoded(server, await exchangeHttps(server, query, options));
  }
  const reply = await askBy(encodeQuery(newMessageId(), question, true), server, options);
  // RFC 6891 §7: a server that knows no EDNS.
  if (reply.rcode !== "FORMERR" && reply.rcode !== "NOTIMP") return reply;
  return askBy(encodeQuery(newMessageId(), question, false), server, options);
}

async function askBy(
  query: Buffer,
  server: ServerAddress,
  options: ExchangeOptions,
): Promise<DnsReply> {
  const reply = decoded(server, await exchangeUdp(server, query, options));
  if (!reply.truncated) return reply;
  try {
    return decoded(server, await exchangeTcp(server, query, options));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new UnusableReply(
      server,
      `has an answer that is too large for UDP, and over TCP it ${error.problem}`,
    );
  }
}

function decoded(server: Server, message: Buffer): DnsReply {
  try {
    return decodeReply(message);
  } catch (error) {
    throw new UnusableReply(server, `sent an invalid DNS message: ${messageOf(error)}`);
  }
}

/** Sends `message` and waits for the reply to it. @throws {@link NoAnswer} */
export async function exchangeUdp(
  server: ServerAddress,
  message: Buffer,
  { signal, timeoutMs = UDP_MS, tries = UDP_TRIES }: ExchangeOptions,
): Promise<Buffer> {
  const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
  try {
    return await unlessAborted(
      signal,
      new Promise<Buffer>((resolve, reject) => {
        const timer = repeat(socket, message, timeoutMs, tries, () => {
          const waited = `${String((timeoutMs * tries) / 1000)} s`;
          reject(new NoAnswer(server, `does not answer over UDP within ${waited}`));
        });
        socket.on("message", (reply) => {
          if (isReplyTo(message, reply)) resolve(reply);
        });
        socket.on("error", (error) => {
          reject(failure(server, error));
        });
        socket.once("close", () => {
          clearInterval(timer);
        });
        socket.once("connect", () => {
          socket.send(message);
        });
        // A connected socket receives datagrams from the server alone, and ICMP errors when its port is closed.
        socket.connect(server.port, server.address);
      }),
    );
  } finally {
    socket.close();
  }
}

function repeat(
  socket: Socket,
  message: Buffer,
  timeoutMs: number,
  tries: number,
  over: () => void,
): NodeJS.Timeout {
  let sent = 1;
  return setInterval(() => {
    if (sent >= tries) {
      over();
      return;
    }
    sent += 1;
    try {
      socket.send(message);
    } catch {
      // Not connected: the event `error` says why.
    }
  }, timeoutMs);
}

/** Like {@link exchangeUdp}, for what is too large for a datagram. @throws {@link NoAnswer} */
export async function exchangeTcp(
  server: ServerAddress,
  message: Buffer,
  { signal, timeoutMs = TCP_MS }: ExchangeOptions,
): Promise<Buffer> {
  const socket = connect({ host: server.address, port: server.port });
  try {
    return await unlessAborted(
      signal,
      new Promise<Buffer>((resolve, reject) => {
        let received = Buffer.alloc(0);
        socket.setTimeout(timeoutMs, () => {
          const waited = `${String(timeoutMs / 1000)} s`;
          reject(new NoAnswer(server, `does not answer over TCP within ${waited}`));
        });
        socket.on("data", (chunk) => {
          received = Buffer.concat([received, chunk]);
          const length = received.length < 2 ? undefined : received.readUInt16BE(0);
          if (length === undefined || received.length < length + 2) return;
          const reply = received.subarray(2, length + 2);
          if (isReplyTo(message, reply)) resolve(reply);
          else reject(new NoAnswer(server, "answers something else over TCP"));
        });
        socket.on("error", (error) => {
          reject(failure(server, error));
        });
        socket.on("close", () => {
          reject(new NoAnswer(server, "closes the TCP connection"));
        });
        const length = Buffer.alloc(2);
        length.writeUInt16BE(message.length);
        socket.write(Buffer.concat([length, message]));
      }),
    );
  } finally {
    socket.destroy();
  }
}

function failure(server: ServerAddress, error: Error): NoAnswer {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(code)) {
    return new NoAnswer(server, "cannot be reached from here", true);
  }
  const isClosed = code === "ECONNREFUSED";
  return new NoAnswer(server, isClosed ? "has its port closed" : `fails: ${messageOf(error)}`);
}
