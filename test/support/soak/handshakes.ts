/** Clients of the web server: one handshake after the other, with each name in turn. */
import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { shakeHands } from "../ca/tls-clients";

export interface Handshakes {
  readonly count: number;
  /** Handshakes that failed, and certificates that were expired. */
  readonly problems: readonly string[];
  /** Different certificates that were seen. */
  readonly certificates: number;
}

/** Shakes hands until `stop` is called. */
export function watchHandshakes(
  port: number,
  names: readonly string[],
  pauseMs: number,
): { stop(): Promise<Handshakes> } {
  const problems: string[] = [];
  const seen = new Set<string>();
  let count = 0;
  let stopped = false;
  const one = async (name: string): Promise<void> => {
    const { certificate } = await shakeHands(port, { servername: name });
    if (certificate === undefined) throw new Error("no certificate came");
    const { fingerprint256, validTo } = new X509Certificate(certificate);
    seen.add(fingerprint256);
    if (Date.parse(validTo) <= Date.now()) throw new Error(`expired at ${validTo}`);
  };
  const run = async (): Promise<void> => {
    for (; !stopped; count++) {
      const name = names[count % names.length] ?? "";
      await one(name).catch((error: unknown) => {
        problems.push(`${new Date().toISOString()} ${name}: ${String(error)}`);
      });
      await sleep(pauseMs);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return { count, problems, certificates: seen.size };
    },
  };
}
