/** Free ports on the loopback interface. */
import type { Server as HttpServer } from "node:http";
import { connect, createServer, type AddressInfo, type Server } from "node:net";

/** A TCP port on 127.0.0.1 that nobody listened on a moment ago. Who needs it must cope with its being taken meanwhile. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("the system gave no port");
  return port;
}

/** `count` different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held until the last is there: a port that was let go may be handed out again.
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => listenOn(server)));
  await Promise.all(servers.map(closeServer));
  return ports;
}

/** Whether something accepts connections on `127.0.0.1:port`. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}

/** Lets `server` listen on a loopback address, by default on a free port. Gives the port. */
export async function listenOn(server: Server, port = 0, address = "127.0.0.1"): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Closes a server; one for HTTP with the connections that its clients keep. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    if ("closeAllConnections" in server) (server as HttpServer).closeAllConnections();
  });
}
