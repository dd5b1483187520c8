/** From where a service of a host is asked, and the TCP connection to it. */
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";

import type { Host, Target } from "../hosts";
import { withDeadline } from "../util/abort";
import { hostAndPort, isLoopback, normalizeHost } from "../util/host-name";

/** What can reach a host's ports. */
export type Connector = Pick<Host, "connect">;

export interface Place extends Vantage {
  readonly port: number;
}

export interface Vantage {
  /** As seen from here; on the host itself for a connection through it, unless `inside` says otherwise. */
  readonly address: string;
  /** As seen from the host. */
  readonly inside: string;
  /** Where from it is tried, in this order. */
  readonly from: readonly ("here" | "host")[];
}

const LOOPBACK = "127.0.0.1";

/**
 * Where `address`, or else the host that `connection` leads to, means that host's service and not something else of the same address.
 */
export function vantageOf(connection: Target, given: string | undefined): Vantage {
  if (connection === "local") {
    const address = given ?? LOOPBACK;
    return { address, inside: address, from: ["here"] };
  }
  const address = given ?? connection.host;
  const inside = given ?? LOOPBACK;
  // Behind a jump host the same private address may be another machine here.
  if (connection.proxy !== undefined && given === undefined)
    return { address, inside, from: ["host"] };
  if (!isLoopback(address)) return { address, inside, from: ["here", "host"] };
  return { address, inside, from: isLoopback(connection.host) ? ["host", "here"] : ["host"] };
}

/** @throws what each of the ways said */
export async function openPort(
  host: Connector,
  { address, port, inside, from }: Place,
  signal: AbortSignal,
): Promise<Duplex> {
  const problems: unknown[] = [];
  for (const way of from) {
    try {
      return way === "here"
        ? await tcp(address, port, signal)
        : await host.connect(inside, port, signal);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(error);
    }
  }
  throw problems.length === 1 ? problems[0] : new AggregateError(problems);
}

/** From here no longer than this, where there is another way: a firewall that drops gives no answer. */
const CONNECT_MS = 2000;

function tcp(address: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return withDeadline(
    `connecting to ${hostAndPort(address, port)}`,
    CONNECT_MS,
    signal,
    (limit) =>
      new Promise((resolve, reject) => {
        const socket = connectTcp({ host: normalizeHost(address), port });
        const abort = (): void => {
          socket.destroy();
          reject(limit.reason as Error);
        };
        limit.addEventListener("abort", abort, { once: true });
        socket.once("connect", () => {
          limit.removeEventListener("abort", abort);
          resolve(socket);
        });
        socket.once("error", reject);
      }),
  );
}
