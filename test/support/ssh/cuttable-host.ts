/** A way to a TCP port that can be cut, as a network is: nobody on either side is told why. */
import { connect, createServer, type Socket } from "node:net";
import { closeServer, listenOn } from "../process/ports";

export interface Cuttable {
  readonly port: number;
  /** Bytes that went towards the server. */
  sent(): number;
  /** Cuts every connection as soon as so many bytes more have gone towards the server; default at once. */
  cut(afterBytes?: number): void;
  close(): Promise<void>;
}

export async function cuttable(target: number): Promise<Cuttable> {
  let sent = 0;
  let limit = Infinity;
  const open = new Set<Socket>();
  const cutAll = (): void => {
    for (const socket of open) socket.destroy();
    limit = Infinity;
  };
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
    client.on("data", (chunk: Buffer) => {
      const allowed = chunk.subarray(0, Math.max(0, limit - sent));
      sent += allowed.length;
      upstream.write(allowed);
      if (sent >= limit) setImmediate(cutAll);
    });
    upstream.pipe(client);
  });
  const port = await listenOn(server);
  return {
    port,
    sent: () => sent,
    cut: (afterBytes) => {
      if (afterBytes === undefined) cutAll();
      else limit = sent + afterBytes;
    },
    close: () => {
      cutAll();
      return closeServer(server);
    },
  };
}
