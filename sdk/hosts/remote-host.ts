/** A host behind SSH: sessions from the pool, and on them the commands of the {@link Host} interface. */
import { unlessAborted } from "../util/abort";
import { sha256Of } from "../util/sha256";
import { converseWith } from "./command/interactive";
import { type Connection, type Host, HostError, type OpenOptions } from "./host";
import { openByOpenSsh } from "./openssh/open";
import { waitForStart, type Elevation } from "./command/start-marker";
import { Refusals, untilLetIn } from "./refused-login";
import { listenThere } from "./remote-listen";
import { limited, never, type RunningCommand, runToEnd } from "./command/running";
import type { ChannelKind, Session } from "./session";
import { type Lease, SessionPool } from "./session-pool";
import { loginShellLine, stopCommand, type SudoMode } from "./command/login-shell";
import { openSsh } from "./ssh2/connect";
import { describeTarget, describeUser, identityOf, sessionKey } from "./target";

const pool = new SessionPool();
const refusals = new Refusals();
const STOP_WITHIN_MS = 3000;

/** A share in the session for `connection`, as a host. Everything that runs on it must be over before `release`. */
export async function leaseHost(
  connection: Connection,
  options: OpenOptions,
): Promise<{ readonly host: Host; readonly release: () => void }> {
  const lease = (): Promise<Lease> => leaseSession(connection, options);
  const { session, release } = await (options.newHost === true
    ? untilLetIn(connection, lease, options)
    : lease());
  return { host: hostOn(session, connection), release };
}

function leaseSession(connection: Connection, { signal, progress }: OpenOptions): Promise<Lease> {
  // The key holds secrets, so only its hash is kept.
  const key = sha256Of(sessionKey(connection), "base64");
  const opening = (abandoned: AbortSignal): Promise<Session> =>
    refusals.shared(key, () => open(connection, abandoned, progress));
  return pool.lease(key, opening, signal);
}

/** Opens a session, through a shared one to the jump host where there is one. */
async function open(
  connection: Connection,
  signal: AbortSignal,
  progress: OpenOptions["progress"],
): Promise<Session> {
  const { proxy, transport } = connection;
  const openBy = transport === "openssh" ? openByOpenSsh : openSsh;
  if (proxy === undefined) return openBy(connection, undefined, { signal, progress });
  const jump = await leaseSession(proxy, { signal, progress });
  try {
    const session = await openBy(connection, jump.session, { signal, progress });
    void session.closed.then(jump.release);
    return session;
  } catch (error) {
    jump.release();
    throw error;
  }
}

function hostOn(session: Session, connection: Connection): Host {
  const label = describeTarget(connection);
  const begin = (command: string, kind: ChannelKind, signal: AbortSignal) =>
    beginOn(session, connection, label, command, kind, signal);
  return {
    label,
    identity: identityOf(connection),
    run: (command, options) => runToEnd(label, (signal) => begin(command, "run", signal), options),
    converse: async (command, options = {}) => {
      const running = await begin(command, "conversation", options.signal ?? never());
      return converseWith(label, running, options);
    },
    connect: (address, port, signal) => session.connect(address, port, signal),
    listen: (port, options, accept) =>
      listenThere(
        {
          session,
          label,
          user: describeUser(connection),
          run: (command, signal) => {
            const withoutSudo = { ...connection, sudo: false };
            return runToEnd(
              label,
              (limit) => beginOn(session, withoutSudo, label, command, "run", limit),
              { signal },
            );
          },
        },
        port,
        options,
        accept,
      ),
  };
}

async function beginOn(
  session: Session,
  connection: Connection,
  label: string,
  command: string,
  kind: ChannelKind,
  signal: AbortSignal,
): Promise<RunningCommand> {
  const { password, sudoPassword = password } = connection;
  const mode: SudoMode =
    connection.sudo !== true
      ? "none"
      : sudoPassword === undefined
        ? "without-password"
        : "with-password";
  const elevation: Elevation | undefined =
    mode === "none" ? undefined : { user: describeUser(connection), password: sudoPassword };
  const running = await session.start(
    loginShellLine(command, mode, session.lineOptions),
    kind,
    signal,
  );
  try {
    const pid = await limited(label, { signal }, (limit) =>
      unlessAborted(limit, waitForStart(label, running, elevation)),
    );
    return {
      ...running,
      kill: () => {
        stop(session, label, running, pid, mode, elevation);
      },
    };
  } catch (error) {
    running.kill();
    throw error;
  }
}

/**
 * Ends the command on the host as well: sshd lets a command without a terminal live on when its channel is closed.
 * The channel is closed afterwards, also when nobody answers any more.
 */
function stop(
  session: Session,
  label: string,
  running: RunningCommand,
  pid: number,
  mode: SudoMode,
  elevation: Elevation | undefined,
): void {
  const line = loginShellLine(stopCommand(pid), mode, session.lineOptions);
  const asked = limited(label, { timeoutMs: STOP_WITHIN_MS }, async (signal) => {
    const stopping = await session.start(line, "housekeeping", signal);
    signal.addEventListener("abort", () => {
      stopping.kill();
    });
    await waitForStart(label, stopping, elevation);
    stopping.stdout.resume();
    stopping.stderr.resume();
    stopping.stdin.end();
    await stopping.exited;
  });
  asked
    .catch((error: unknown) => {
      // The caller reports why it stopped the command; that it may still run matters less.
      if (!(error instanceof HostError)) throw error;
    })
    .finally(() => {
      running.kill();
    })
    .catch(() => undefined);
}
