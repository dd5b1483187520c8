/** A TLS site on a real nginx whose certificate comes from a deployment, and the handshakes that tell. */
import { createHash, type X509Certificate } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";

import type { Properties } from "../../../sdk/provider/engine/handler";
import { createAuthority, type TestAuthority } from "../ca/certificate-authority";
import { type Nginx, startNginx } from "./nginx";
import { temporaryDirectory } from "../process/temp";

export const NAME = "site.example";

export interface Site {
  readonly nginx: Nginx;
  readonly authority: TestAuthority;
  /** Where the certificate is deployed. */
  readonly directory: string;
  /** A folder that goes away with the site. */
  readonly folder: string;
  readonly address: string;
  /** A fresh certificate and key for the site's name. */
  issue(): Promise<Properties & { fullchainPem: string; privateKeyPem: string }>;
  /** Lets nginx serve the deployed files from now on. */
  open(): Promise<void>;
  /** The fingerprint of what is served, by a handshake of our own; `undefined` where there is none. */
  served(): Promise<string | undefined>;
  stop(): Promise<void>;
}

export async function startSite(options: { address?: string } = {}): Promise<Site> {
  const [nginx, authority, folder] = await Promise.all([
    startNginx(),
    createAuthority(),
    temporaryDirectory("site-"),
  ]);
  const directory = join(folder.path, "ssl");
  const address = options.address ?? `127.0.0.1:${String(nginx.httpsPort)}`;
  const config = join(nginx.configDirectory, "site.conf");
  return {
    nginx,
    authority,
    directory,
    folder: folder.path,
    address,
    issue: async () => {
      const { certificatePem, privateKeyPem } = await authority.issue([NAME, `www.${NAME}`]);
      return { fullchainPem: certificatePem + authority.rootPem, privateKeyPem };
    },
    open: async () => {
      await mkdir(join(nginx.prefix, "html"), { recursive: true });
      await writeFile(
        config,
        `server { listen ${address} ssl; server_name ${NAME};
           ssl_certificate ${directory}/fullchain.pem; ssl_certificate_key ${directory}/privkey.pem; }`,
      );
      process.kill(nginx.pid(), "SIGHUP");
      for (let left = 100; (await servedAt(address)) === undefined; left--) {
        if (left === 0) throw new Error(`nginx does not serve the site: ${await nginx.errors()}`);
        await sleep(50);
      }
    },
    served: () => servedAt(address),
    stop: async () => {
      await nginx.stop();
      await folder.remove();
    },
  };
}

/** Written anew here, so that the code under test does not check itself. */
export function servedAt(address: string): Promise<string | undefined> {
  const [host = "", port = ""] = address.split(":");
  return new Promise((resolve) => {
    const options = { host, port: Number(port), servername: NAME, rejectUnauthorized: false };
    const socket = connect(options, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      resolve(certificate === undefined ? undefined : fingerprintOf(certificate));
    });
    socket.on("error", () => {
      resolve(undefined);
    });
  });
}

export function fingerprintOf(certificate: X509Certificate): string {
  return createHash("sha256").update(certificate.raw).digest("hex");
}
