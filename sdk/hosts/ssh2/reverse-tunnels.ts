/** Ports of the host that ssh2 forwards to this process. @see RFC 4254 §7.1 */
import type { Duplex } from "node:stream";

import { messageOf } from "../../util/errors";
import type { Accept } from "../host";

/** What we use of ssh2's `Client`. */
export interface ForwardingClient {
  forwardIn(address: string, port: number, done: (error?: Error | null) => void): unknown;
  unforwardIn(address: string, port: number, done: (error?: Error | null) => void): unknown;
  on(
    event: "tcp connection",
    listener: (to: ForwardedTo, accept: () => Duplex, reject: () => void) => void,
  ): unknown;
}

interface ForwardedTo {
  readonly destIP: string;
  readonly destPort: number;
}

/** The host says no and not why: RFC 4254 has no place for a reason. */
export class ForwardingRefused extends Error {
  override readonly name = "ForwardingRefused";
}

/** All the forwardings of one client; who asks for what is told apart by address and port. */
export class ReverseTunnels {
  readonly #client: ForwardingClient;
  readonly #accepts = new Map<string, Accept>();

  constructor(client: ForwardingClient) {
    this.#client = client;
    client.on("tcp connection", (to, accept, reject) => {
      const taker = this.#accepts.get(placeOf(to.destIP, to.destPort));
      if (taker === undefined) {
        reject();
        return;
      }
      const channel = accept();
      // Who takes it may not listen yet, and a host that is cut off is no crash.
      channel.on("error", () => undefined);
      taker(channel);
    });
  }

  /** @param address - as the host is to bind it; empty: all of them */
  async open(address: string, port: number, accept: Accept): Promise<void> {
    const place = placeOf(address, port);
    if (this.#accepts.has(place)) throw new ForwardingRefused("it is forwarded here already");
    // Before it is asked for: the first connection may come with the answer.
    this.#accepts.set(place, accept);
    try {
      await this.#ask((done) => this.#client.forwardIn(address, port, done));
    } catch (error) {
      this.#accepts.delete(place);
      throw error;
    }
  }

  async close(address: string, port: number): Promise<void> {
    this.#accepts.delete(placeOf(address, port));
    await this.#ask((done) => this.#client.unforwardIn(address, port, done));
  }

  #ask(request: (done: (error?: Error | null) => void) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      request((error) => {
        if (error == null) resolve();
        else
          reject(
            /^Unable to/.test(error.message) ? new ForwardingRefused(messageOf(error)) : error,
          );
      });
    });
  }
}

function placeOf(address: string, port: number): string {
  return `${address}:${String(port)}`;
}
