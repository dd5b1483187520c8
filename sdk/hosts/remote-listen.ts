/** A reverse tunnel: a port of the host, answered by this process, and why it does not work where it does not. */
import { unlessAborted } from "../util/abort";
import { messageOf } from "../util/errors";
import { isLoopback } from "../util/host-name";
import {
  type Accept,
  type CommandResult,
  HostError,
  type Listener,
  type ListenOptions,
} from "./host";
import {
  isLoopbackOnly,
  type PortFacts,
  portFactsCommand,
  readPortFacts,
  refusalOf,
} from "./port-facts";
import { ForwardingRefused } from "./ssh2/reverse-tunnels";
import type { Session } from "./session";

export interface Remote {
  readonly session: Session;
  /** For people, and the user for `sshd`. */
  readonly label: string;
  readonly user: string;
  /** Runs a command as the user who logs in, without sudo: it is that one who binds the port. */
  readonly run: (command: string, signal: AbortSignal | undefined) => Promise<CommandResult>;
}

/**
 * @throws {@link HostError} `port-in-use`, or `permission` with the setting that is missing: sshd answers "no" without
 *   a reason, and where `GatewayPorts` is off it says yes and binds the loopback interface.
 */
export async function listenThere(
  remote: Remote,
  port: number,
  options: ListenOptions,
  accept: Accept,
): Promise<Listener> {
  const { session, label } = remote;
  const { address = "", signal } = options;
  const step = `listen on port ${String(port)}`;
  signal?.throwIfAborted();
  const before = await facts(remote, port, signal);
  const refusal = (): HostError => {
    const { code, detail } = refusalOf(port, remote.user, before);
    return new HostError(code, { host: label, step, detail });
  };
  // sshd is content with one family: where another program has IPv4 alone, it binds IPv6 and says yes.
  if (address === "" && (before?.listening?.length ?? 0) > 0) throw refusal();
  let close: () => Promise<void>;
  try {
    close = await opened(session.listen(address, port, accept), signal);
  } catch (error) {
    throw error instanceof ForwardingRefused ? refusal() : error;
  }
  let closed: Promise<void> | undefined;
  const closeOnce = (): Promise<void> =>
    // A way that is lost is a port that is closed.
    (closed ??= close().catch(() => undefined));
  try {
    if (!isLoopback(address)) {
      const after = before === undefined ? undefined : await facts(remote, port, signal);
      if (after !== undefined && isLoopbackOnly(after)) throw boundToLoopback(label, step);
    }
    signal?.throwIfAborted();
  } catch (error) {
    await closeOnce();
    throw error;
  }
  const lost = session.closed.then(() => {
    const detail = "the connection to the host was cut, and the tunnel with it";
    return closed === undefined
      ? new HostError("connection-lost", { host: label, step, detail })
      : new Promise<never>(() => undefined);
  });
  return { close: closeOnce, lost };
}

/** A host that hangs is not waited for; what it opens in the end is closed. */
async function opened(
  opening: Promise<() => Promise<void>>,
  signal: AbortSignal | undefined,
): Promise<() => Promise<void>> {
  try {
    return await unlessAborted(signal, opening);
  } catch (error) {
    opening.then((late) => late()).catch(() => undefined);
    throw error;
  }
}

function boundToLoopback(host: string, step: string): HostError {
  const detail =
    "sshd bound the loopback interface alone, where nobody outside can reach it: set GatewayPorts clientspecified (or yes) in the host's sshd_config and reload sshd";
  return new HostError("permission", { host, step, detail });
}

/** What can be found out; a login that may do nothing but forward ports tells nothing. */
async function facts(
  remote: Remote,
  port: number,
  signal: AbortSignal | undefined,
): Promise<PortFacts | undefined> {
  try {
    const { code, stdout } = await remote.run(portFactsCommand(port), signal);
    return code === 0 ? readPortFacts(stdout) : undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HostError && error.code !== "connection-lost") return undefined;
    throw error instanceof Error ? error : new Error(messageOf(error));
  }
}
