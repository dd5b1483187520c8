/** Another address and port for a DNS server, which can fall silent. */
import { createSocket } from "node:dgram";
import { randomInt } from "node:crypto";
import { connect, createServer, isIPv6, type Socket } from "node:net";

import { closeServer, freePort, listenOn } from "../process/ports";

export interface DnsRelay {
  readonly address: string;
  readonly port: number;
  /** The port of the server behind it. */
  target: number;
  /** Silent: takes questions, and lets them lie. */
  silent: boolean;
  /** Given, it answers every question with this code and nothing else, as a broken server does. */
  rcode: number | undefined;
  /** How many questions came. */
  questions: number;
  stop(): Promise<void>;
}

/** Loopback addresses that nobody else uses, and one port that they share: NS records know no ports. */
export async function loopbackAddresses(
  count: number,
): Promise<{ addresses: string[]; port: number }> {
  const net = `127.${String(randomInt(1, 255))}.${String(randomInt(0, 256))}`;
  const addresses = Array.from({ length: count }, (_, index) => `${net}.${String(index + 1)}`);
  return { addresses, port: await freePort() };
}

/** BIND listens on addresses of interfaces alone; this one gives its server on 127.0.0.1 any other loopback address. */
export async function startRelay(address: string, port: number, target: number): Promise<DnsRelay> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  const relay: DnsRelay = {
    address,
    port,
    target,
    silent: false,
    rcode: undefined,
    questions: 0,
    stop: async () => {
      await new Promise<void>((resolve) => {
        socket.close(resolve);
      });
      // Where it was silent, connections still lie there.
      for (const each of connections) each.destroy();
      await closeServer(tcp);
    },
  };
  socket.on("message", (question, from) => {
    relay.questions += 1;
    if (relay.silent) return;
    if (relay.rcode !== undefined) {
      const answer = Buffer.from(question);
      answer.writeUInt16BE(0x8000 | relay.rcode, 2);
      socket.send(answer, from.port, from.address);
      return;
    }
    const upstream = createSocket("udp4");
    const timer = setTimeout(() => upstream.close(), 5000).unref();
    upstream.on("error", () => undefined);
    upstream.on("message", (answer) => {
      clearTimeout(timer);
      upstream.close();
      socket.send(answer, from.port, from.address);
    });
    upstream.send(question, relay.target, "127.0.0.1");
  });
  const connections = new Set<Socket>();
  const tcp = createServer((client) => {
    const upstream = connect(relay.target, "127.0.0.1");
    connections.add(client);
    client.once("close", () => {
      connections.delete(client);
      upstream.destroy();
    });
    for (const each of [client, upstream]) {
      each.on("error", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    if (relay.silent) return;
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject).bind(port, address, resolve);
  });
  await listenOn(tcp, port, address);
  return relay;
}
