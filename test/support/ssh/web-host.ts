/**
 * A host to certify: a real nginx behind a real sshd, and Pebble that validates on its port 80.
 */
import { connect } from "node:tls";

import { startNginx, type Nginx } from "../nginx/nginx";
import { startPebble, type Pebble, type PebbleOptions } from "../ca/pebble";
import { startSshd, type Sshd } from "./sshd";
import { temporaryDirectory } from "../process/temp";

export interface WebHost {
  readonly pebble: Pebble;
  readonly nginx: Nginx;
  readonly sshd: Sshd;
  /** For certificates; a folder of this host's. */
  readonly certificateDirectory: string;
  /** The fingerprint, lower-case hex, of the certificate that nginx serves for `name`; `undefined` when it serves none. */
  servedFingerprint(name: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

export async function startWebHost(options: PebbleOptions = {}): Promise<WebHost> {
  const nginx = await startNginx();
  const [pebble, sshd, folder] = await Promise.all([
    startPebble({ ...options, httpPort: nginx.httpPort }),
    startSshd(),
    temporaryDirectory("certificates-"),
  ]);
  return {
    pebble,
    nginx,
    sshd,
    certificateDirectory: folder.path,
    servedFingerprint: (name) => servedFingerprint(nginx.httpsPort, name),
    stop: async () => {
      await Promise.all([pebble.stop(), nginx.stop(), sshd.stop()]);
      await folder.remove();
    },
  };
}

function servedFingerprint(port: number, servername: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    // What is served is compared by its fingerprint; who issued it does not matter here.
    const socket = connect({ host: "127.0.0.1", port, servername, rejectUnauthorized: false });
    socket.setTimeout(5_000, () => socket.destroy());
    socket.once("secureConnect", () => {
      const fingerprint = socket.getPeerX509Certificate()?.fingerprint256;
      socket.destroy();
      resolve(fingerprint?.replace(/:/g, "").toLowerCase());
    });
    socket.once("error", () => {
      resolve(undefined);
    });
    socket.once("close", () => {
      resolve(undefined);
    });
  });
}
