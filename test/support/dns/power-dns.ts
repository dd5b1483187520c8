/** PowerDNS' authoritative server on ports of 127.0.0.1, with its HTTP API, run for the length of a test. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { freePorts } from "../process/ports";
import { retryOnTakenPort, type ServerProcess, startServer } from "../process/server-process";
import { temporaryDirectory, type TemporaryDirectory } from "../process/temp";
import { toolPath } from "../process/tool-paths";

export interface PowerDns {
  readonly apiUrl: string;
  readonly apiKey: string;
  /** `127.0.0.1:port`. */
  readonly server: string;
  readonly port: number;
  /** A call of its API. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The TXT records of a zone as the API has them: "name value", sorted. */
  txtRecords(zone: string): Promise<string[]>;
  /** What `dig +short` says, sorted. */
  dig(name: string, type: string): Promise<string[]>;
  output(): string;
  stop(): Promise<void>;
}

interface Zone {
  readonly rrsets: readonly {
    readonly name: string;
    readonly type: string;
    readonly records: readonly { readonly content: string }[];
  }[];
}

/** @param zones - their names; each has the server `ns1` in it, at 127.0.0.1 */
export async function startPowerDns(
  zones: readonly string[],
  kind: "Native" | "Master" = "Native",
): Promise<PowerDns> {
  const directory = await temporaryDirectory("acme-pdns-");
  const apiKey = randomBytes(12).toString("hex");
  const { process, ports } = await retryOnTakenPort(() => launch(directory, apiKey));
  const [dns = 0, web = 0] = ports;
  const apiUrl = `http://127.0.0.1:${String(web)}`;
  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${apiUrl}/api/v1/servers/localhost${path}`, {
      method,
      headers: { "X-API-Key": apiKey },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  for (const zone of zones) {
    const rrsets = [
      { name: `ns1.${zone}.`, type: "A", ttl: 1, records: [{ content: "127.0.0.1" }] },
    ];
    await api("POST", "/zones", { name: `${zone}.`, kind, nameservers: [`ns1.${zone}.`], rrsets });
  }
  return {
    apiUrl,
    apiKey,
    port: dns,
    server: `127.0.0.1:${String(dns)}`,
    api,
    txtRecords: async (zone) => {
      const { rrsets } = (await api("GET", `/zones/${zone}.`)) as Zone;
      return rrsets
        .filter(({ type }) => type === "TXT")
        .flatMap(({ name, records }) =>
          records.map(({ content }) => `${name.slice(0, -1)} ${content.replaceAll('"', "")}`),
        )
        .sort();
    },
    dig: async (name, type) => {
      const { stdout } = await run("dig", [
        "@127.0.0.1",
        ...["-p", String(dns), "+time=1", "+tries=2", "+short", name, type],
      ]);
      return stdout
        .split("\n")
        .filter((line) => line !== "")
        .sort();
    },
    output: () => process.output(),
    stop: async () => {
      await process.stop();
      await directory.remove();
    },
  };
}

async function launch(
  directory: TemporaryDirectory,
  apiKey: string,
): Promise<{ process: ServerProcess; ports: number[] }> {
  const ports = await freePorts(2);
  const [dns = 0, web = 0] = ports;
  const place = directory.path;
  const settings = [
    // Else it asks the resolver of this machine whether its version is safe.
    "security-poll-suffix=",
    `launch=lmdb`,
    `lmdb-filename=${join(place, "zones.lmdb")}`,
    `socket-dir=${place}`,
    `local-address=127.0.0.1`,
    `local-port=${String(dns)}`,
    `api=yes`,
    `api-key=${apiKey}`,
    `webserver=yes`,
    `webserver-address=127.0.0.1`,
    `webserver-port=${String(web)}`,
    `webserver-allow-from=127.0.0.1`,
    "",
  ];
  writeFileSync(join(place, "pdns.conf"), settings.join("\n"));
  const args = [`--config-dir=${place}`, "--daemon=no", "--guardian=no"];
  const isReady = async (): Promise<boolean> => {
    const response = await fetch(`http://127.0.0.1:${String(web)}/api`, {
      headers: { "X-API-Key": apiKey },
    }).catch(() => undefined);
    return response?.ok ?? false;
  };
  return { process: await startServer(toolPath("pdns_server"), args, { ready: isReady }), ports };
}

const run = promisify(execFile);
