/** The quickstart's servers: those that run are used, the others are started, and go on running afterwards. */
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { launchChallTestServer } from "../../test/support/ca/challtestsrv";
import { launchPebble, writeApiCertificate } from "../../test/support/ca/pebble";
import { launchNginx, nginxCommands, prepareNginx } from "../../test/support/nginx/nginx";
import { getText } from "../../test/support/process/https-get";
import { freePorts } from "../../test/support/process/ports";
import {
  endProcess,
  identify,
  isRunning,
  type ProcessIdentity,
} from "../../test/support/process/process-tree";
import { ServerStartError, type ServerProcess } from "../../test/support/process/server-process";
import { launchSshd, prepareSshd, type SshdKeys } from "../../test/support/ssh/sshd";
import { folder, inFolder } from "./places";

const portNames = ["api", "management", "dns", "dnsManagement", "ssh", "http", "https"] as const;
export type Ports = Readonly<Record<(typeof portNames)[number], number>>;

/** The roots of every Pebble that ran here: each start makes a new one, and certificates outlive it. */
export const rootsFile = inFolder("roots.pem");
const apiRootFile = inFolder("pebble", "root.pem");
const sshKeysFile = inFolder("sshd", "keys.json");

const launchers = { dns: launchDns, pebble: launchCa, sshd: launchHost, nginx: launchWebServer };
type ServerName = keyof typeof launchers;

/** `servers.json` */
interface Known {
  readonly ports?: Ports;
  readonly processes: Readonly<Partial<Record<ServerName, ProcessIdentity>>>;
}

/** @returns the ports, and which servers had to be started */
export async function startServers(): Promise<{ ports: Ports; started: ServerName[] }> {
  // 0755: sshd reads authorized keys as the user who logs in.
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const known = await recorded();
  // The ports of the last time, so that nothing changes in the stack; new ones where somebody took them meanwhile.
  try {
    return await startMissing(known);
  } catch (error) {
    const taken = error instanceof ServerStartError && error.portTaken;
    if (known.ports === undefined || !taken) throw error;
    await stopServers();
    return startMissing({ processes: {} });
  }
}

export async function stopServers(): Promise<void> {
  const { ports, processes } = await recorded();
  for (const known of Object.values(processes)) await endProcess(known);
  if (ports !== undefined) await save({ ports, processes: {} });
}

/** What the program is told about the servers. */
export async function serverSettings(ports: Ports): Promise<Readonly<Record<string, string>>> {
  const { client, hostKeys } = await sshKeys();
  const { test, reload } = nginxCommands(inFolder("nginx"));
  return {
    directoryUrl: `https://127.0.0.1:${String(ports.api)}/dir`,
    caBundlePem: await readFile(apiRootFile, "utf8"),
    "resolvers[0]": resolver(ports),
    host: "127.0.0.1",
    sshPort: String(ports.ssh),
    sshUser: userInfo().username,
    sshHostKey: hostKeys.join("\n"),
    sshPrivateKey: client.privateKeyPem,
    httpPort: String(ports.http),
    httpsPort: String(ports.https),
    root: inFolder("nginx", "html"),
    certificateDirectory: inFolder("nginx", "ssl"),
    nginxConfigDirectory: inFolder("nginx", "conf.d"),
    nginxTest: test,
    nginxReload: reload,
  };
}

async function startMissing(known: Known): Promise<{ ports: Ports; started: ServerName[] }> {
  const ports = known.ports ?? (await somePorts());
  const processes = { ...known.processes };
  const started: ServerName[] = [];
  for (const name of Object.keys(launchers) as ServerName[]) {
    if (isRunning(processes[name])) continue;
    const { pid } = await launchers[name](ports);
    processes[name] = identify(pid);
    // At once: an interruption must find what is to be ended.
    await save({ ports, processes });
    started.push(name);
  }
  return { ports, started };
}

/** A DNS server in which every name is this machine. */
function launchDns({ dns, dnsManagement }: Ports): Promise<ServerProcess> {
  return launchChallTestServer(dns, dnsManagement, log("challtestsrv"));
}

/** Pebble, Let's Encrypt's ACME server for tests. */
async function launchCa(ports: Ports): Promise<ServerProcess> {
  await mkdir(inFolder("pebble"), { recursive: true });
  if (!existsSync(apiRootFile)) {
    await writeFile(apiRootFile, await writeApiCertificate(inFolder("pebble")));
  }
  const { api, management, http, https } = ports;
  const rootPem = await readFile(apiRootFile, "utf8");
  const server = await launchPebble(
    inFolder("pebble"),
    {},
    {
      ...{ api, management, validation: { http, tls: https } },
      ...{ dnsAddress: resolver(ports), rootPem, keepRunningWithLog: log("pebble") },
    },
  );
  const roots = await getText(`https://127.0.0.1:${String(management)}/roots/0`, rootPem);
  await appendFile(rootsFile, roots);
  return server;
}

/** The host that the program deploys to: an OpenSSH server for the user who runs this. */
async function launchHost({ ssh }: Ports): Promise<ServerProcess> {
  await mkdir(inFolder("sshd"), { recursive: true, mode: 0o755 });
  if (!existsSync(sshKeysFile)) {
    const keys = await prepareSshd(inFolder("sshd"));
    await writeFile(sshKeysFile, JSON.stringify(keys), { mode: 0o600 });
  }
  return launchSshd(inFolder("sshd"), ssh, {}, log("sshd"));
}

async function launchWebServer(): Promise<ServerProcess> {
  await prepareNginx(inFolder("nginx"));
  await writeFile(inFolder("nginx", "html", "index.html"), PAGE);
  return launchNginx(inFolder("nginx"), undefined, log("nginx"));
}

const PAGE = `<!doctype html>
<title>pulumi-acme</title>
<h1>Served over HTTPS</h1>
<p>with a certificate that <code>pulumi up</code> ordered, installed and will renew.</p>
`;

async function sshKeys(): Promise<SshdKeys> {
  return JSON.parse(await readFile(sshKeysFile, "utf8")) as SshdKeys;
}

function resolver({ dns }: Ports): string {
  return `127.0.0.1:${String(dns)}`;
}

function log(name: string): string {
  return inFolder("log", `${name}.log`);
}

async function somePorts(): Promise<Ports> {
  const ports = await freePorts(portNames.length);
  return Object.fromEntries(portNames.map((name, index) => [name, ports[index]])) as Ports;
}

const record = inFolder("servers.json");

async function recorded(): Promise<Known> {
  try {
    return JSON.parse(await readFile(record, "utf8")) as Known;
  } catch {
    return { processes: {} };
  }
}

function save(content: Known): Promise<void> {
  return writeFile(record, `${JSON.stringify(content, null, 2)}\n`);
}
