/** A TCP port of this machine, as the hosts' interface has it. */
import { createServer, type Server } from "node:net";

import { messageOf } from "../../util/errors";
import {
  type Accept,
  HostError,
  type HostErrorCode,
  type Listener,
  type ListenOptions,
} from "../host";

/** Listens here; connections that are open when it is closed live on. */
export async function listenHere(
  host: string,
  port: number,
  { address, signal }: ListenOptions,
  accept: Accept,
): Promise<Listener> {
  signal?.throwIfAborted();
  const server = createServer(accept);
  try {
    await listening(server, port, address);
  } catch (error) {
    const [code, detail] = words(error as NodeJS.ErrnoException);
    throw new HostError(code, { host, step: `listen on port ${String(port)}`, detail });
  }
  let closed: Promise<void> | undefined;
  return {
    // A server that was bound stays so.
    lost: new Promise(() => undefined),
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        // `close` waits for the connections; the port is free at once.
        setImmediate(resolve);
      })),
  };
}

function listening(server: Server, port: number, address: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () => {
      server.off("error", reject);
      // Such as no file descriptor for one more connection.
      server.on("error", () => undefined);
      resolve();
    });
  });
}

function words(error: NodeJS.ErrnoException): [HostErrorCode, string] {
  switch (error.code) {
    case "EADDRINUSE":
      return ["port-in-use", "another program has the port"];
    case "EACCES":
      return [
        "permission",
        "ports below 1024 need root, CAP_NET_BIND_SERVICE, or a lower net.ipv4.ip_unprivileged_port_start",
      ];
    case "EADDRNOTAVAIL":
      return ["command", "this machine does not have that address"];
    default:
      return ["command", messageOf(error)];
  }
}
