/** TLS clients for the tests of tls-alpn-01. Test support of this folder. */
import { createConnection, createServer } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { listenOn } from "../process/ports";

export interface Shown {
  /** The certificate that came, DER. */
  readonly certificate: Buffer | undefined;
  readonly protocol: string | false | null;
}

/** A handshake on 127.0.0.1; rejects with what went wrong. */
export function shakeHands(port: number, options: ConnectionOptions): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const all = { host: "127.0.0.1", port, rejectUnauthorized: false, ...options };
    const socket: TLSSocket = connect(all, () => {
      const certificate = socket.getPeerX509Certificate()?.raw;
      resolve({ certificate, protocol: socket.alpnProtocol });
      socket.end();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new Error("closed"));
    });
  });
}

/** As a CA asks. */
export function askAsCa(port: number, servername: string): Promise<Shown> {
  return shakeHands(port, { servername, ALPNProtocols: ["acme-tls/1"] });
}

/** The first packet of a TLS client, as it goes over the wire. */
export async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  const port = await listenOn(server);
  const hello = new Promise<Buffer>((resolve) => {
    server.once("connection", (socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (chunk: Buffer) => {
        resolve(chunk);
        socket.destroy();
      });
    });
  });
  const client = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  client.on("error", () => undefined);
  try {
    return await hello;
  } finally {
    client.destroy();
    server.close();
  }
}

/** What a server says to `sent` before it closes, or within a second. */
export function answerTo(port: number, sent: Buffer | string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection({ host: "127.0.0.1", port });
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    socket.once("connect", () => socket.write(sent));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("end", done).once("error", reject);
    socket.setTimeout(1000, done);
  });
}
