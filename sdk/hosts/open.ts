/** The way to a host: this machine, or a session that is shared with everybody who works on the same one. */
import type { Host, OpenOptions, Target } from "./host";
import { localHost } from "./local/host";

/**
 * Gives `work` the host that `target` names. Everybody in this process who gives the same connection shares one
 * session: it is closed two seconds after the last one is done. Whatever `work` opened ends with it.
 *
 * @throws {@link HostError} `unreachable`, `timeout`, `host-key`, `authentication`, `protocol`, with `step` "connect".
 */
export async function withHost<T>(
  target: Target,
  work: (host: Host) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  options.signal?.throwIfAborted();
  if (target === "local") return work(localHost);
  // Loading ssh2 takes 33 ms; who works on this machine alone does without.
  const { leaseHost } = await import("./remote-host.js");
  const { host, release } = await leaseHost(target, options);
  try {
    return await work(host);
  } finally {
    release();
  }
}
