/** A way to a TCP port whose answers come in few pieces, as on a busy machine or a slow network. */
import { connect, createServer, type Socket } from "node:net";
import { closeServer, listenOn } from "../process/ports";

export interface Gathered {
  readonly port: number;
  /** From now on, what the server says is held until it has been silent for so long. */
  gather(silenceMs: number): void;
  close(): Promise<void>;
}

export async function gathered(target: number): Promise<Gathered> {
  let silenceMs = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    let held: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    upstream.on("data", (chunk: Buffer) => {
      held.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(() => {
        client.write(Buffer.concat(held));
        held = [];
      }, silenceMs);
    });
  });
  const port = await listenOn(server);
  return {
    port,
    gather: (forMs) => {
      silenceMs = forMs;
    },
    close: () => {
      for (const socket of open) socket.destroy();
      return closeServer(server);
    },
  };
}
