/** How to reach a host, as arguments: the schema, and which changes of them mean another host. Pure. */
import * as v from "valibot";

import type { Connection, Target } from "../../hosts/host";
import { formProblem, privateKeyProblem } from "../../hosts/private-key";
import { keyLines, knownHostsLine, pinnedKey } from "../../hosts/public-key";
import { normalizeHost } from "../../util/host-name";
import { nonEmpty, object, oneOfWords, port, secret, text } from "../../schema/builders";

const host = text(
  // A leading "-" would be an option to the command `ssh`.
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  (value) => /^[^\s@/\u0000-\u001f\u007f-][^\s@/\u0000-\u001f\u007f]*$/.test(value),
  "must be a host name or an address, without user, port and path",
);

const user = text(
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  (value) => /^[^\s@:\u0000-\u001f\u007f-][^\s@:\u0000-\u001f\u007f]*$/.test(value),
  "must be the name of a user on the host",
);

const hostKey = text(
  (value) => keyLines(value).length > 0 && keyLines(value).every((line) => pinnedKey(line)),
  'must be the public key of the host, "ssh-ed25519 AAAA…" (the first two words of /etc/ssh/ssh_host_ed25519_key.pub there, or a line of ssh-keyscan); several keys on several lines; lines with a marker such as @revoked belong in knownHosts',
);

const knownHosts = text(
  (value) => keyLines(value).some((line) => knownHostsLine(line)),
  'must be the text of a known_hosts file, not its path: lines such as "web-1.example.com ssh-ed25519 AAAA…"',
);

const privateKey = v.pipe(
  v.string(),
  v.check(
    (value) => formProblem(value) === undefined,
    ({ input }) => formProblem(input) ?? "",
  ),
);

const wholeNumber = (least: number, message: string) =>
  v.pipe(
    v.number(),
    v.check((value) => Number.isInteger(value) && value >= least, message),
  );

/** What is wrong with a private key of a right form, together with its passphrase and the transport. */
function loginProblem(connection: Connection): string | undefined {
  const { privateKey: key } = connection;
  return key === undefined || formProblem(key) !== undefined
    ? undefined
    : privateKeyProblem(connection);
}

/** `ConnectionArgs`. Whoever connects may count on it: a way to know the host, and a way to log in. */
export const connectionSchema: v.GenericSchema<Connection> = v.pipe(
  object({
    host,
    port: v.optional(port),
    user: v.optional(user),
    password: v.optional(secret(nonEmpty)),
    privateKey: v.optional(secret(privateKey)),
    privateKeyPassword: v.optional(secret(nonEmpty)),
    agentSocketPath: v.optional(nonEmpty),
    hostKey: v.optional(hostKey),
    knownHosts: v.optional(knownHosts),
    insecureIgnoreHostKey: v.optional(v.boolean()),
    dialErrorLimit: v.optional(wholeNumber(-1, "must be a whole number; -1 is without a limit")),
    perDialTimeout: v.optional(
      wholeNumber(0, "must be a whole number of seconds; 0 is without a limit"),
    ),
    proxy: v.optional(v.lazy(() => connectionSchema)),
    sudo: v.optional(v.boolean()),
    sudoPassword: v.optional(secret(nonEmpty)),
    transport: v.optional(oneOfWords(["ssh2", "openssh"])),
  }),
  v.check(
    (connection) =>
      connection.hostKey !== undefined ||
      connection.knownHosts !== undefined ||
      connection.insecureIgnoreHostKey === true,
    "hostKey or knownHosts must be given, so that nobody else can take the host's place (or insecureIgnoreHostKey: true, written out)",
  ),
  v.check(
    (connection) =>
      connection.privateKey !== undefined ||
      connection.password !== undefined ||
      connection.agentSocketPath !== undefined ||
      connection.transport === "openssh",
    'privateKey, password or agentSocketPath must be given, or transport: "openssh" where your configuration of ssh has a key, or the host wants none (Tailscale SSH)',
  ),
  v.forward(
    v.check(
      (connection) => loginProblem(connection) === undefined,
      ({ input }) => `cannot be read: ${loginProblem(input) ?? ""}`,
    ),
    ["privateKey"],
  ),
);

/** `ConnectionArgs | "local"`. */
export const targetSchema: v.GenericSchema<Target> = v.lazy((input) =>
  typeof input === "string"
    ? v.literal("local", 'must be a connection, or "local" for this machine')
    : connectionSchema,
);

/** Whether both name the same host. Whether the same machine answers there, `mayBeAnotherMachine` asks. */
export function sameDestination(a: Target, b: Target): boolean {
  if (a === "local" || b === "local") return a === b;
  return normalizeHost(a.host) === normalizeHost(b.host);
}
