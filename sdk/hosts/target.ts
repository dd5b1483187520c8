/** Names for targets: for people, and for telling one machine from another. Pure. */
import { hostAndPort, normalizeHost } from "../util/host-name";
import type { Connection, Target } from "./host";

export const DEFAULT_PORT = 22;
export const DEFAULT_USER = "root";

/**
 * `deploy@web-1.example.com:22`, `root@10.0.0.5:22 via jump@bastion:22`, or `this machine`. For the command `ssh`
 * without what its configuration decides: `web-1`.
 */
export function describeTarget(target: Target): string {
  if (target === "local") return "this machine";
  const { proxy } = target;
  const byConfiguration = target.transport === "openssh";
  const user = target.user ?? (byConfiguration ? undefined : DEFAULT_USER);
  const port = target.port ?? (byConfiguration ? undefined : DEFAULT_PORT);
  const host = normalizeHost(target.host);
  const where = port === undefined ? host : hostAndPort(host, port);
  const own = user === undefined ? where : `${user}@${where}`;
  return proxy === undefined ? own : `${own} via ${describeTarget(proxy)}`;
}

/** Who logs in, for a message; only `ssh` knows where its configuration may decide. */
export function describeUser({ user, transport }: Connection): string {
  return user ?? (transport === "openssh" ? "<user>" : DEFAULT_USER);
}

/**
 * What tells one machine from another: `web-1.example.com`, or `local`. Behind a jump host that host belongs to
 * it, because private addresses repeat. Neither port nor user; where two ports of one name may be two machines,
 * {@link describeTarget} tells them apart.
 */
export function identityOf(target: Target): string {
  if (target === "local") return "local";
  const own = normalizeHost(target.host);
  return target.proxy === undefined ? own : `${own} via ${identityOf(target.proxy)}`;
}

/**
 * The same text for connections that can be one session: everything but `sudo`, which is a matter of each command.
 * Holds secrets: hash it before keeping it.
 */
export function sessionKey(connection: Connection): string {
  const { proxy } = connection;
  const apart = new Set(["proxy", "sudo", "sudoPassword"]);
  const own = Object.entries({ ...connection, host: normalizeHost(connection.host) })
    .filter(([key]) => !apart.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([own, proxy === undefined ? null : sessionKey(proxy)]);
}
