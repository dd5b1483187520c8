/**
 * What the command `ssh` needs to log in: options, the host's keys in a file, secrets by way of an agent and of
 * `SSH_ASKPASS`.
 *
 * A private key never lies on a disk. A password or passphrase lies in a file of a private folder until it is read,
 * or the login is over, whichever comes first: `ssh` takes it from no pipe of ours.
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { unlessAborted, withDeadline } from "../../util/abort";
import { singleLine } from "../../util/text";
import { type Connection, HostError } from "../host";
import { pinnedKeys } from "../host-key";
import { keyLines } from "../public-key";
import { startProcess } from "../local/host";
import { type PrivateKeyText, unreadableKey, whyUnreadable } from "../private-key";
import { lastWords } from "../command/last-words";
import { gather, type RunningCommand, runToEnd } from "../command/running";
import { shellQuote } from "../command/shell";
import { DEFAULT_USER } from "../target";

export interface Login {
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Takes secrets back; call it whether the login succeeded or not. */
  readonly over: () => Promise<void>;
}

const AGENT_WITHIN_MS = 5000;
const CONFIGURATION_WITHIN_MS = 5000;

/** Prepares a login in `folder`, which is readable by nobody else. */
export async function prepareLogin(
  connection: Connection,
  key: PrivateKeyText | undefined,
  label: string,
  folder: string,
): Promise<Login> {
  const options = [
    ...FIXED,
    ...(await hostKeyOptions(connection, folder)),
    ...(await userOptions(connection, folder)),
  ];
  const { password } = connection;
  const passwords =
    password === undefined
      ? undefined
      : await askpass(
          folder,
          "password",
          password,
          await passwordQuestions(connection, options, label),
        );
  let agent: RunningCommand | undefined;
  if (key !== undefined) {
    const started = await agentWith(key, label, folder);
    ({ agent } = started);
    options.push(...started.options);
  } else if (connection.agentSocketPath !== undefined) {
    options.push("-o", `IdentityAgent=${connection.agentSocketPath}`);
  }
  if (passwords === undefined) options.push("-o", "BatchMode=yes");
  return {
    options,
    environment: passwords ?? {},
    over: async () => {
      agent?.kill();
      await rm(join(folder, "password.answer"), { force: true });
    },
  };
}

/** Whatever the user's own configuration says: no terminal, no forwarding, no question. */
const FIXED = [
  ...["-T", "-o", "RemoteCommand=none", "-o", "RequestTTY=no", "-o", "PermitLocalCommand=no"],
  ...["-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "ClearAllForwardings=yes"],
  ...["-o", "NumberOfPasswordPrompts=1", "-o", "EscapeChar=none", "-o", "ControlPersist=no"],
  ...["-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"],
  // What the host says before it hangs up is no more than a debug message.
  ...["-o", "LogLevel=DEBUG1"],
];

/** As the user's configuration of `ssh` may name it: upper and lower case count there. */
export function sshHost({ host }: Connection): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** User and port, where the program gives them; else the user's configuration may, for an alias in `host`. */
async function userOptions(connection: Connection, folder: string): Promise<string[]> {
  const { user, port } = connection;
  const options = port === undefined ? [] : ["-p", String(port)];
  if (user !== undefined) return [...options, "-l", user];
  // The first value counts, so the last file holds the default.
  const file = join(folder, "config");
  const fallback = `Host ${sshHost(connection)}\n  User ${DEFAULT_USER}\n`;
  const text = `Include ~/.ssh/config\nInclude /etc/ssh/ssh_config\n${fallback}`;
  await writeFile(file, text, { mode: 0o600 });
  return [...options, "-F", file];
}

/** Only the keys that the connection names count, not those in the user's files. */
async function hostKeyOptions(connection: Connection, folder: string): Promise<string[]> {
  if (connection.insecureIgnoreHostKey === true) {
    return ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
  }
  const { hostKey = "", knownHosts = "" } = connection;
  const file = join(folder, "known_hosts");
  // The file is for this host alone, so any name will do.
  const pinned = pinnedKeys(hostKey)
    .map(({ type, blob }) => `* ${type} ${blob.toString("base64")}\n`)
    .join("");
  await writeFile(file, `${pinned}${keyLines(knownHosts).join("\n")}\n`, { mode: 0o600 });
  return [
    ...["-o", "StrictHostKeyChecking=yes", "-o", `UserKnownHostsFile=${file}`],
    ...["-o", "GlobalKnownHostsFile=/dev/null", "-o", "UpdateHostKeys=no"],
    ...["-o", "VerifyHostKeyDNS=no", "-o", "CheckHostIP=no", "-o", "KnownHostsCommand=none"],
  ];
}

/**
 * A program that answers with `secret` once, and only to `questions`, which are patterns of `case`: another `ssh`, as to
 * a jump host of the user's configuration, asks it as well.
 */
async function askpass(
  folder: string,
  name: string,
  secret: string,
  questions: readonly string[],
): Promise<Record<string, string>> {
  const answer = join(folder, `${name}.answer`);
  const program = join(folder, `${name}.askpass`);
  const text = [
    "#!/bin/sh",
    `case $1 in ${questions.join(" | ")}) ;; *) exit 1 ;; esac`,
    `cat ${shellQuote(answer)} 2>/dev/null`,
    `rm -f ${shellQuote(answer)}`,
    "",
  ];
  await writeFile(answer, `${secret}\n`, { mode: 0o600 });
  await writeFile(program, text.join("\n"), { mode: 0o700 });
  return { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" };
}

/** How `ssh` asks for the password of this user on this host: for the method password, and for keyboard-interactive. */
async function passwordQuestions(
  connection: Connection,
  options: readonly string[],
  label: string,
): Promise<string[]> {
  // The user's configuration may have another name for both.
  const resolve = () => startProcess("ssh", ["-G", ...options, "--", sshHost(connection)], label);
  const { stdout } = await runToEnd(label, resolve, { timeoutMs: CONFIGURATION_WITHIN_MS });
  const value = (name: string): string | undefined =>
    new RegExp(`^${name} (.+)$`, "m").exec(stdout)?.[1];
  const user = value("user") ?? connection.user ?? DEFAULT_USER;
  const who = `${user}@${value("hostname") ?? sshHost(connection)}`;
  return [shellQuote(`${who}'s password: `), `${shellQuote(`(${who}) `)}[Pp]assword*`];
}

/** An agent of our own with the one key in it. */
async function agentWith(
  key: PrivateKeyText,
  label: string,
  folder: string,
): Promise<{ agent: RunningCommand; options: string[] }> {
  const socket = join(folder, "agent");
  const agent = await startProcess("ssh-agent", ["-D", "-a", socket], label);
  try {
    await listens(agent, label);
    const answer = await askpass(folder, "passphrase", key.passphrase ?? "", ["*assphrase*"]);
    const environment = { SSH_AUTH_SOCK: socket, ...answer };
    const run = (args: readonly string[], stdin: string) =>
      runToEnd(label, () => startProcess("ssh-add", args, label, environment), { stdin });
    const added = await run(["-q", "-"], key.text);
    await rm(join(folder, "passphrase.answer"), { force: true });
    // It says nothing when the passphrase was wrong.
    if (added.code !== 0) throw unreadableKey(label, whyUnreadable(key, singleLine(added.stderr)));
    const file = join(folder, "key.pub");
    await writeFile(file, (await run(["-L"], "")).stdout, { mode: 0o600 });
    return {
      agent,
      options: [
        ...["-o", `IdentityAgent=${socket}`, "-o", "IdentitiesOnly=yes"],
        ...["-o", `IdentityFile=${file}`],
      ],
    };
  } catch (error) {
    agent.kill();
    throw error;
  }
}

/** Waits until the agent has said where it listens. */
async function listens(agent: RunningCommand, label: string): Promise<void> {
  const said = new Promise<boolean>((resolve) => {
    agent.stdout.once("data", () => {
      resolve(true);
    });
  });
  const complaint = gather(agent.stderr, 4096);
  const first = Promise.race([said, agent.exited.then(() => false)]);
  const up = await withDeadline("ssh-agent", AGENT_WITHIN_MS, undefined, (signal) =>
    unlessAborted(signal, first),
  ).catch(() => false);
  if (up) return;
  const words = lastWords(complaint.text());
  const detail = `it did not start${words === "" ? "" : `: ${words}`}`;
  throw new HostError("command", { host: label, step: "start ssh-agent", detail });
}
