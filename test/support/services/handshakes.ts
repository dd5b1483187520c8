/** Which certificate a daemon serves, by OpenSSL, and whether it does so at every moment. */
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { look } from "../../../sdk/deploy";
import type { StartTls } from "../../../sdk/deploy/starttls";
import { localHost } from "../../../sdk/hosts/local/host";
import { fingerprintOf } from "../nginx/deploy-site";

export const NAME = "service.example";

export interface At {
  readonly port: number;
  readonly startTls?: StartTls | undefined;
}

/** The fingerprint, by another implementation than the one under test; `undefined` where there is none. */
export async function servedAt({ port, startTls }: At): Promise<string | undefined> {
  const connection = promisify(execFile)("openssl", [
    ...["s_client", "-connect", `127.0.0.1:${String(port)}`, "-servername", NAME],
    ...(startTls === undefined ? [] : ["-starttls", startTls]),
    ...(startTls === "xmpp" ? ["-xmpphost", NAME] : []),
  ]);
  connection.child.stdin?.end();
  const { stdout } = await connection.catch((error: unknown) => error as { stdout: string });
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(stdout)?.[0];
  return pem === undefined ? undefined : fingerprintOf(new X509Certificate(pem));
}

export interface LoadReport {
  readonly handshakes: number;
  /** Fingerprints that were served. */
  readonly seen: ReadonlySet<string>;
  /** Why handshakes failed. */
  readonly failures: readonly string[];
}

export interface Load {
  stop(): Promise<LoadReport>;
}

/** Some fifty handshakes a second, each on a connection of its own. */
export function startLoad({ port, startTls }: At): Load {
  const seen = new Set<string>();
  const failures: string[] = [];
  const address = "127.0.0.1";
  const place = { address, inside: address, from: ["here"] as const };
  const handshake = async (): Promise<void> => {
    const found = await look(localHost, { ...place, port, startTls, serverName: NAME });
    if (found.fingerprint === undefined) failures.push(found.problem);
    else seen.add(found.fingerprint);
  };
  const over = new AbortController();
  const all: Promise<void>[] = [];
  const run = (async () => {
    while (!over.signal.aborted) {
      all.push(handshake());
      await sleep(20);
    }
  })();
  return {
    stop: async () => {
      over.abort();
      await run;
      await Promise.all(all);
      return { handshakes: all.length, seen, failures };
    },
  };
}
