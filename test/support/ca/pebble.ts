/** Pebble, the ACME test server, with a DNS server of its own, on loopback ports. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChallTestServer, startChallTestServer } from "./challtestsrv";
import { createAuthority } from "./certificate-authority";
import { getText } from "../process/https-get";
import { freePorts } from "../process/ports";
import { retryOnTakenPort, startServer, type ServerProcess } from "../process/server-process";
import { temporaryDirectory } from "../process/temp";
import { toolPath } from "../process/tool-paths";

export interface PebbleOptions {
  /** Per cent of good nonces that are refused; default 0. */
  readonly nonceReject?: number;
  /** Per cent of valid authorizations that are used again; default 0, which with Pebble is still about 1. */
  readonly authzReuse?: number;
  /** How many chains beside the default one; default 0. */
  readonly alternateRoots?: number;
  /** How many intermediates are in a chain; default 1. */
  readonly chainLength?: number;
  /** Makes an external account binding necessary: key identifier → base64url of the MAC key. */
  readonly eab?: Readonly<Record<string, string>>;
  /** Default: one profile, `default`. Pebble takes one by chance where a client names none. */
  readonly profiles?: Readonly<Record<string, PebbleProfile>>;
  /** Lifetime of certificates in seconds in the default profile; default 90 days. */
  readonly validityPeriod?: number;
  /** Domains, with all below them, for which an order is refused. */
  readonly blocklist?: readonly string[];
  readonly caaIdentities?: readonly string[];
  /** Where http-01 is looked for; default: a free port. */
  readonly httpPort?: number;
  /** Where tls-alpn-01 is looked for; default: a free port. */
  readonly tlsPort?: number;
  /** `Retry-After` while pending, in seconds; default 0: no such header. */
  readonly retryAfter?: number;
  /** No validation at all: every challenge is good. */
  readonly alwaysValid?: boolean;
  readonly keyAlgorithm?: "rsa" | "ecdsa";
  /** `ip:port` of the resolver that it asks instead of {@link Pebble.dns}. */
  readonly resolver?: string;
}

export interface PebbleProfile {
  readonly description: string;
  /** Seconds. */
  readonly validityPeriod: number;
  readonly promoteCommonName?: boolean;
}

export interface PebbleRequest {
  readonly method: string;
  readonly path: string;
}

export interface Pebble {
  readonly directoryUrl: string;
  /** What to trust for the API itself (not for the certificates that it issues: see {@link Pebble.roots}). */
  readonly caBundlePem: string;
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly managementUrl: string;
  readonly dns: ChallTestServer;
  /** Every request to the API since the start, restarts included. */
  requests(): PebbleRequest[];
  /** How many orders it has accepted. One that names a certificate as replaced which another order has replaced is refused. */
  orders(): number;
  /** The root of chain number `index`, 0 being the default one. */
  roots(index?: number): Promise<string>;
  /** What the CA knows about a certificate: lower-case hex serial → `Valid` or `Revoked`. */
  statusBySerial(serialHex: string): Promise<{ Status: string; Reason?: number }>;
  /** Ends Pebble and starts another on the same ports: it knows no account, no order, and has other roots. */
  restart(): Promise<void>;
  /** Ends Pebble alone, as in an outage; {@link Pebble.restart} brings it back. */
  pause(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts Pebble (`-strict`, no sleeping) and challtestsrv as its resolver: every name is 127.0.0.1 until told otherwise. */
export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const folder = await temporaryDirectory("pebble-");
  const rootPem = await writeApiCertificate(folder.path);
  const dns = await startChallTestServer();
  const [freeHttp = 0, freeTls = 0] = await freePorts(2);
  const validation = { http: options.httpPort ?? freeHttp, tls: options.tlsPort ?? freeTls };
  const logs: string[] = [];
  const launch = (api: number, management: number): Promise<ServerProcess> =>
    launchPebble(folder.path, options, {
      api,
      management,
      validation,
      dnsAddress: options.resolver ?? dns.dnsAddress,
      rootPem,
    });
  let api = 0;
  let management = 0;
  let server = await retryOnTakenPort(async () => {
    [api = 0, management = 0] = await freePorts(2);
    return launch(api, management);
  });

  const managementUrl = `https://127.0.0.1:${String(management)}`;
  const log = (): string => [...logs, server.output()].join("\n");
  const managed = (path: string): Promise<string> => getText(`${managementUrl}${path}`, rootPem);
  const pause = async (): Promise<void> => {
    await server.stop();
    logs.push(server.output());
  };
  return {
    directoryUrl: `https://127.0.0.1:${String(api)}/dir`,
    caBundlePem: rootPem,
    httpPort: validation.http,
    tlsPort: validation.tls,
    managementUrl,
    dns,
    requests: () => parseRequests(log()),
    orders: () => log().match(/ Added order "/g)?.length ?? 0,
    roots: (index = 0) => managed(`/roots/${String(index)}`),
    statusBySerial: async (serialHex) =>
      JSON.parse(await managed(`/cert-status-by-serial/${serialHex}`)) as {
        Status: string;
        Reason?: number;
      },
    restart: async () => {
      await pause();
      server = await launch(api, management);
      logs.splice(0, logs.length, logs.join("\n"));
    },
    pause,
    stop: async () => {
      await server.stop();
      await dns.stop();
      await folder.remove();
    },
  };
}

/** Makes the certificate of the API itself, and gives what to trust for it. */
export async function writeApiCertificate(folder: string): Promise<string> {
  const notAfter = new Date(Date.now() + 3650 * 24 * 3600 * 1000);
  const authority = await createAuthority("pebble api test root", notAfter);
  const tls = await authority.issue(["localhost", "127.0.0.1"], { notAfter });
  await writeFile(join(folder, "tls.pem"), tls.certificatePem);
  await writeFile(join(folder, "tls.key"), tls.privateKeyPem, { mode: 0o600 });
  return authority.rootPem;
}

export interface PebbleLaunch {
  readonly api: number;
  readonly management: number;
  readonly validation: { readonly http: number; readonly tls: number };
  readonly dnsAddress: string;
  readonly rootPem: string;
  readonly keepRunningWithLog?: string;
}

/** The process alone. `folder` holds what {@link writeApiCertificate} made. */
export async function launchPebble(
  folder: string,
  options: PebbleOptions,
  launch: PebbleLaunch,
): Promise<ServerProcess> {
  const config = join(folder, "pebble.json");
  await writeFile(config, JSON.stringify(configuration(folder, options, launch), null, 2));
  const env = {
    PEBBLE_VA_NOSLEEP: "1",
    PEBBLE_WFE_NONCEREJECT: String(options.nonceReject ?? 0),
    PEBBLE_AUTHZREUSE: String(options.authzReuse ?? 0),
    PEBBLE_ALTERNATE_ROOTS: String(options.alternateRoots ?? 0),
    PEBBLE_CHAIN_LENGTH: String(options.chainLength ?? 1),
    ...(options.alwaysValid === true ? { PEBBLE_VA_ALWAYS_VALID: "1" } : {}),
  };
  return startServer(
    toolPath("pebble"),
    ["-strict", "-config", config, "-dnsserver", launch.dnsAddress],
    {
      env,
      cwd: folder,
      keepRunningWithLog: launch.keepRunningWithLog,
      ready: () => answers(`https://127.0.0.1:${String(launch.management)}/roots/0`, launch),
    },
  );
}

function configuration(folder: string, options: PebbleOptions, launch: PebbleLaunch): unknown {
  const retryAfter = options.retryAfter ?? 0;
  return {
    pebble: {
      listenAddress: `127.0.0.1:${String(launch.api)}`,
      managementListenAddress: `127.0.0.1:${String(launch.management)}`,
      certificate: join(folder, "tls.pem"),
      privateKey: join(folder, "tls.key"),
      httpPort: launch.validation.http,
      tlsPort: launch.validation.tls,
      externalAccountBindingRequired: options.eab !== undefined,
      externalAccountMACKeys: options.eab ?? {},
      domainBlocklist: options.blocklist ?? [],
      caaIdentities: options.caaIdentities ?? ["pebble.test"],
      retryAfter: { authz: retryAfter, order: retryAfter },
      keyAlgorithm: options.keyAlgorithm ?? "ecdsa",
      profiles: options.profiles ?? {
        default: {
          description: "the default",
          validityPeriod: options.validityPeriod ?? 7_776_000,
        },
      },
    },
  };
}

async function answers(managementUrl: string, launch: PebbleLaunch): Promise<boolean> {
  try {
    // The API, too: it is bound by another goroutine than the management interface. Not the
    // directory, which is counted as a request of the test's.
    await getText(managementUrl, launch.rootPem);
    await getText(`https://127.0.0.1:${String(launch.api)}/`, launch.rootPem, 404);
    return true;
  } catch {
    return false;
  }
}

/** Pebble logs each request to a known path: `Pebble 2026/01/02 03:04:05 GET /dir -> calling handler()`. */
function parseRequests(log: string): PebbleRequest[] {
  return [...log.matchAll(/ ([A-Z]+) (\/\S*) -> calling handler\(\)/g)]
    .map(([, method = "", path = ""]) => ({ method, path }))
    .filter(({ path }) => !/^\/(roots|intermediates|cert-status-by-serial)\//.test(path));
}
