/** A real OpenSSH server on a loopback port, with keys of its own. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePort, isListening } from "../process/ports";
import { retryOnTakenPort, startServer, type ServerProcess } from "../process/server-process";
import { generateSshKey, type SshKey } from "./ssh-keys";
import { temporaryDirectory } from "../process/temp";
import { toolPath } from "../process/tool-paths";

type HostKeyType = "ed25519" | "ecdsa" | "rsa";

export interface SshdOptions {
  /** Who logs in; default: who runs the test. Another user needs the test to run as root. */
  readonly user?: string;
  readonly port?: number;
  /** Default true. */
  readonly allowTcpForwarding?: boolean | "local" | "remote";
  /** Whether a reverse tunnel may bind other addresses than the loopback; default true (`clientspecified`). */
  readonly gatewayPorts?: boolean;
  /** Channels with a session per connection; default 10, as sshd's own. */
  readonly maxSessions?: number;
  /** `start:rate:full` of connections that have not logged in yet. */
  readonly maxStartups?: string;
  /** Also by password (needs root, and a user with one); default false. */
  readonly passwordAuth?: boolean;
  /** Default true. */
  readonly publicKeyAuth?: boolean;
  /** More keys that may log in, as `authorized_keys` lines. */
  readonly authorizedKeys?: readonly string[];
  /** Types of the host's keys; default ed25519 alone. */
  readonly hostKeyTypes?: readonly HostKeyType[];
  /** Lines for sshd_config, put first, where they win. */
  readonly config?: readonly string[];
}

/** The part of `ConnectionArgs` that this server needs. */
export interface SshConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  readonly hostKey: string;
}

export interface Sshd {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly user: string;
  /** OpenSSH format, ed25519, no passphrase. */
  readonly privateKeyPem: string;
  /** The public half of it, an `authorized_keys` line. */
  readonly publicKey: string;
  /** `ssh-ed25519 AAAA…`; a line for each type of key that the host has. */
  readonly hostKey: string;
  /** The text of a known_hosts file. */
  readonly knownHosts: string;
  readonly connection: SshConnection;
  /** What sshd logged, at level VERBOSE: each connection, login and channel. */
  log(): string;
  /** Kills sshd and every session, as a cut of the network would; {@link Sshd.start} brings it back. */
  cut(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = await temporaryDirectory("sshd-");
  const keys = await prepareSshd(folder.path, options);
  const launch = (port: number): Promise<ServerProcess> => launchSshd(folder.path, port, options);
  let port = options.port ?? 0;
  let server = await retryOnTakenPort(async () => {
    if (options.port === undefined) port = await freePort();
    return launch(port);
  });

  const user = options.user ?? userInfo().username;
  const { client, hostKeys } = keys;
  const hostKey = hostKeys.join("\n");
  const logs: string[] = [];
  const cut = async (): Promise<void> => {
    await server.stop();
    logs.push(server.output());
  };
  return {
    host: "127.0.0.1",
    port,
    user,
    privateKeyPem: client.privateKeyPem,
    publicKey: client.publicKey,
    hostKey,
    knownHosts: hostKeys.map((key) => `[127.0.0.1]:${String(port)} ${key}\n`).join(""),
    connection: { host: "127.0.0.1", port, user, privateKey: client.privateKeyPem, hostKey },
    log: () => [...logs, server.output()].join(""),
    cut,
    start: async () => {
      server = await launch(port);
    },
    stop: async () => {
      await server.stop();
      await folder.remove();
    },
  };
}

export interface SshdKeys {
  /** May log in. */
  readonly client: SshKey;
  /** The host's public keys. */
  readonly hostKeys: readonly string[];
}

/** Makes the keys, in a folder that lasts as long as the server. */
export async function prepareSshd(folder: string, options: SshdOptions = {}): Promise<SshdKeys> {
  // sshd reads authorized_keys as the user who logs in: hence readable by everybody.
  await chmod(folder, 0o755);
  const client = await generateSshKey();
  const hostKeys: string[] = [];
  for (const type of typesOf(options)) {
    const { privateKeyPem, publicKey } = await generateSshKey({ type });
    await writeFile(hostKeyFile(folder, type), privateKeyPem, { mode: 0o600 });
    hostKeys.push(publicKey);
  }
  const authorized = [client.publicKey, ...(options.authorizedKeys ?? []), ""];
  await writeFile(join(folder, "authorized_keys"), authorized.join("\n"), { mode: 0o644 });
  return { client, hostKeys };
}

/** The process alone, with the keys that {@link prepareSshd} made. */
export async function launchSshd(
  folder: string,
  port: number,
  options: SshdOptions = {},
  keepRunningWithLog?: string,
): Promise<ServerProcess> {
  // Where privileges are separated, sshd insists on this folder. It is absent until the packaged service has run, and after
  // a reboot.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const config = join(folder, "sshd_config");
  await writeFile(config, sshdConfig(options, folder, port));
  return startServer(toolPath("sshd"), ["-D", "-e", "-f", config], {
    keepRunningWithLog,
    ready: () => isListening(port),
  });
}

function sshdConfig(options: SshdOptions, folder: string, port: number): string {
  const yesNo = (value: boolean): string => (value ? "yes" : "no");
  const forwarding = options.allowTcpForwarding ?? true;
  return [
    ...(options.config ?? []),
    "ListenAddress 127.0.0.1",
    `Port ${String(port)}`,
    ...typesOf(options).map((type) => `HostKey ${hostKeyFile(folder, type)}`),
    `PidFile ${join(folder, "sshd.pid")}`,
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    // The temporary folder belongs to whoever runs the test, not to the user who logs in.
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    `PubkeyAuthentication ${yesNo(options.publicKeyAuth ?? true)}`,
    `PasswordAuthentication ${yesNo(options.passwordAuth ?? false)}`,
    "KbdInteractiveAuthentication no",
    `AllowTcpForwarding ${typeof forwarding === "string" ? forwarding : yesNo(forwarding)}`,
    `GatewayPorts ${(options.gatewayPorts ?? true) ? "clientspecified" : "no"}`,
    `MaxSessions ${String(options.maxSessions ?? 10)}`,
    `MaxStartups ${options.maxStartups ?? "100:30:200"}`,
    "LogLevel VERBOSE",
    "UseDNS no",
    "Subsystem sftp internal-sftp",
    "",
  ].join("\n");
}

function typesOf({ hostKeyTypes = ["ed25519"] }: SshdOptions): readonly HostKeyType[] {
  return hostKeyTypes;
}

function hostKeyFile(folder: string, type: HostKeyType): string {
  return join(folder, `host_${type}`);
}
