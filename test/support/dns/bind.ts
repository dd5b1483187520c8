/** BIND 9 name servers on ports of 127.0.0.1, run for the length of a test. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { freePort } from "../process/ports";
import { ServerStartError, startServer, type ServerProcess } from "../process/server-process";
import { temporaryDirectory, type TemporaryDirectory } from "../process/temp";

export interface BindKey {
  readonly name: string;
  /** `hmac-sha256` … */
  readonly algorithm: string;
  /** Base64. */
  readonly secret: string;
}

export interface BindZone {
  readonly name: string;
  /** Lines of a zone file, with names relative to the zone; SOA and NS are added where they are missing. */
  readonly records?: readonly string[];
  /** For how many seconds resolvers may remember that a name is not there. Default: 1. */
  readonly denialSeconds?: number;
  /** Who answers for it: names, relative to the zone, and their addresses. Default: `ns1` at 127.0.0.1. */
  readonly nameServers?: Readonly<Record<string, readonly string[]>>;
  /** Statements of `update-policy`, each without its semicolon. */
  readonly updatePolicy?: readonly string[];
  /** Ports of servers that are told of changes. */
  readonly secondaries?: readonly number[];
  /** Makes this a secondary of the server on that port. */
  readonly primary?: number;
  /** Makes this a zone that is asked of the server on that port, for resolvers. */
  readonly forwardTo?: number;
}

export interface BindOptions {
  /** Default: a free one. */
  readonly port?: number;
  readonly zones: readonly BindZone[];
  readonly keys?: readonly BindKey[];
  /** Answers for others, by asking those that `forwardTo` names. */
  readonly recursive?: boolean;
  /** What was not there is denied for as long as its zone allows. Default: for a second. */
  readonly remembersDenials?: boolean;
}

export interface Bind {
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly server: string;
  /** What `dig +short` says, sorted. */
  dig(name: string, type: string): Promise<string[]>;
  /** The code of the answer: `NOERROR`, `NXDOMAIN` … */
  rcode(name: string, type: string): Promise<string>;
  /** All TXT records of a zone, by zone transfer: "name value". */
  txtRecords(zone: string): Promise<string[]>;
  output(): string;
  stop(): Promise<void>;
}

export async function startBind(options: BindOptions): Promise<Bind> {
  const directory = await temporaryDirectory("acme-bind-");
  const port = options.port ?? (await freePort());
  writeFileSync(join(directory.path, "named.conf"), configuration(options, port, directory));
  const probe = options.zones.find(({ forwardTo }) => forwardTo === undefined)?.name ?? "localhost";
  let server: ServerProcess;
  try {
    // -g: in the foreground, with the log on standard error.
    server = await startServer("/usr/sbin/named", ["-g", "-n", "1", "-c", "named.conf"], {
      cwd: directory.path,
      ready: async () => (await rcodeOf(port, probe, "SOA")) !== undefined,
    });
  } catch (error) {
    await directory.remove();
    if (error instanceof ServerStartError) throw new Error(error.message, { cause: error });
    throw error;
  }
  return {
    port,
    server: `127.0.0.1:${String(port)}`,
    dig: async (name, type) => (await dig(port, name, type, "+short")).sort(),
    rcode: async (name, type) => (await rcodeOf(port, name, type)) ?? "no answer",
    txtRecords: async (zone) => {
      const lines = await dig(port, zone, "AXFR", "+noall", "+answer");
      return lines
        .map((line) => line.split(/\s+/))
        .filter((fields) => fields[3] === "TXT")
        .map(([name = "", , , , value = ""]) => `${name.replace(/\.$/, "")} ${value}`)
        .sort();
    },
    output: () => server.output(),
    stop: async () => {
      await server.stop();
      await directory.remove();
    },
  };
}

function configuration(
  { zones, keys = [], recursive = false, remembersDenials = false }: BindOptions,
  port: number,
  directory: TemporaryDirectory,
): string {
  const place = directory.path;
  return [
    "options {",
    `directory "${place}";`,
    `listen-on port ${String(port)} { 127.0.0.1; };`,
    "listen-on-v6 { none; };",
    `pid-file "${place}/named.pid"; session-keyfile "${place}/session.key"; managed-keys-directory "${place}";`,
    `recursion ${recursive ? "yes" : "no"}; dnssec-validation no; empty-zones-enable no;`,
    "allow-query { any; }; allow-transfer { any; }; notify explicit; notify-delay 0;",
    // What was not there a moment ago must be seen when it is.
    `max-cache-ttl 1; ${remembersDenials ? "" : "max-ncache-ttl 1;"}`,
    "};",
    "controls {};",
    ...keys.map(
      ({ name, algorithm, secret }) =>
        `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };`,
    ),
    ...zones.map((zone, index) => zoneStatement(zone, `zone-${String(index)}.db`, directory)),
    "",
  ].join("\n");
}

function zoneStatement(zone: BindZone, file: string, directory: TemporaryDirectory): string {
  if (zone.forwardTo !== undefined) {
    return `zone "${zone.name}" { type forward; forward only; forwarders { 127.0.0.1 port ${String(zone.forwardTo)}; }; };`;
  }
  if (zone.primary !== undefined) {
    return `zone "${zone.name}" { type secondary; file "${file}"; primaries { 127.0.0.1 port ${String(zone.primary)}; }; };`;
  }
  writeFileSync(join(directory.path, file), zoneFile(zone));
  const policy = (zone.updatePolicy ?? []).map((rule) => `${rule};`).join(" ");
  const notify = (zone.secondaries ?? [])
    .map((port) => `127.0.0.1 port ${String(port)};`)
    .join(" ");
  return [
    `zone "${zone.name}" { type primary; file "${file}";`,
    policy === "" ? "" : `update-policy { ${policy} };`,
    notify === "" ? "" : `also-notify { ${notify} };`,
    "};",
  ].join(" ");
}

function zoneFile({
  nameServers = { ns1: ["127.0.0.1"] },
  records = [],
  denialSeconds = 1,
}: BindZone): string {
  return [
    "$TTL 1",
    `@ ${String(denialSeconds)} SOA ns1 hostmaster 1 3600 1 3600 ${String(denialSeconds)}`,
    ...Object.entries(nameServers).flatMap(([server, addresses]) => [
      `@ NS ${server}`,
      ...addresses.map((each) => `${server} ${each.includes(":") ? "AAAA" : "A"} ${each}`),
    ]),
    ...records,
    "",
  ].join("\n");
}

async function dig(port: number, ...args: string[]): Promise<string[]> {
  const { stdout } = await run("dig", [
    "@127.0.0.1",
    ...["-p", String(port), "+time=1", "+tries=2", ...args],
  ]);
  return stdout.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
}

async function rcodeOf(port: number, name: string, type: string): Promise<string | undefined> {
  const answer = await run("dig", [
    "@127.0.0.1",
    ...["-p", String(port), "+time=1", "+tries=1", name, type],
  ]).catch(() => undefined);
  return /status: ([A-Z]+)/.exec(answer?.stdout ?? "")?.[1];
}

const run = promisify(execFile);
