/** A way to a server that can be cut, as a network is. */
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { closeServer, listenOn } from "../process/ports";

/** A host on the way to which a connection is cut after some bytes. */
export interface Way {
  readonly port: number;
  /** Cuts the next connection when so many bytes have gone to the host. */
  cutAfter(bytes: number): void;
  /** Cuts every connection now. */
  cut(): void;
  cuts(): number;
  /** Down, it cuts every connection, now and until it is up again. */
  readonly setDown: (isDown: boolean) => void;
  stop(): Promise<void>;
}

/** Forwards connections to a loopback port. */
export async function startWay(target: number): Promise<Way> {
  let limit = Number.POSITIVE_INFINITY;
  let cuts = 0;
  let down = false;
  const sockets = new Set<Socket>();
  const cut = (): void => {
    limit = Number.POSITIVE_INFINITY;
    cuts++;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const server = createTcpServer((near) => {
    if (down) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    const pairs: [Socket, Socket][] = [
      [near, far],
      [far, near],
    ];
    for (const [one, other] of pairs) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    far.pipe(near);
    let sent = 0;
    near.on("data", (chunk) => {
      far.write(chunk);
      sent += chunk.length;
      if (sent >= limit) cut();
    });
  });
  const port = await listenOn(server);
  return {
    port,
    cutAfter: (bytes) => {
      limit = bytes;
    },
    cut,
    cuts: () => cuts,
    setDown: (isDown) => {
      down = isDown;
      if (down) cut();
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return closeServer(server);
    },
  };
}
