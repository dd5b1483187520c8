/** The primary server, at whichever of its addresses it answers. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

import { exchangeTcp, exchangeUdp } from "../../../../dns/exchange";
import { nameOf, NoAnswer, parseServerAddress, type ServerAddress } from "../../../../dns/server";
import { ConfigurationError, messageOf } from "../../../../util/errors";

/** RFC 2136 §6.2, RFC 1035 §4.2.1: more goes over TCP. */
const MAX_UDP = 512;

export class Server {
  constructor(
    /** For messages. */
    readonly name: string,
    private addresses: readonly ServerAddress[],
  ) {}

  /**
   * Does `work` at the addresses in turn, until one answers; that is the first one from then on.
   *
   * @throws Error with what happened at each, where none answers
   */
  async ask<T>(work: (address: ServerAddress) => Promise<T>): Promise<T> {
    const problems: string[] = [];
    for (const address of this.addresses) {
      try {
        const result = await work(address);
        this.addresses = [address, ...this.addresses.filter((other) => other !== address)];
        return result;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        problems.push(error.message);
      }
    }
    throw new Error(problems.join("; "));
  }
}

/** All addresses of a name, in the order of the system: a server need not listen at all addresses of its name. */
export async function serverAt(server: string): Promise<Server> {
  const direct = parseServerAddress(server);
  if (direct !== undefined) return new Server(nameOf(direct), [direct]);
  const match = /^([^:]+)(?::(\d{1,5}))?$/.exec(server.trim());
  if (match === null || isIP(server) !== 0) {
    throw new ConfigurationError(`rfc2136: server "${server}" is not a host, or host:port`);
  }
  const [, host = "", port = "53"] = match;
  try {
    const found = await lookup(host, { all: true });
    return new Server(
      server.trim(),
      found.map(({ address }) => ({ address, port: Number(port) })),
    );
  } catch (error) {
    throw new Error(`the name server ${host} is not found: ${messageOf(error)}`, { cause: error });
  }
}

/** Sends an update, and waits for the reply. @throws {@link NoAnswer} */
export async function send(
  server: ServerAddress,
  message: Buffer,
  signal: AbortSignal,
): Promise<Buffer> {
  if (message.length > MAX_UDP) return exchangeTcp(server, message, { signal });
  try {
    const reply = await exchangeUdp(server, message, { signal });
    return isTruncated(reply) ? await exchangeTcp(server, message, { signal }) : reply;
  } catch (error) {
    // Some networks allow port 53 over TCP alone. Adding or deleting the same records twice has no further effect.
    if (!(error instanceof NoAnswer) || error.unreachable) throw error;
    return exchangeTcp(server, message, { signal });
  }
}

function isTruncated(reply: Buffer): boolean {
  return ((reply[2] ?? 0) & 0x02) !== 0;
}
