/**
 * SSH by the command `ssh`: for what ssh2 cannot do (certificates, hardware keys, post-quantum key exchange).
 *
 * One `ssh` holds the connection, the others go through its control socket. What holds it runs `cat` on the host and
 * reads a pipe of ours: however this process ends, the pipe closes, and so does the connection.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { delay, unlessAborted } from "../../util/abort";
import { loginShellLine } from "../command/login-shell";
import type { RunningCommand } from "../command/running";
import {
  BEGINS_WITHIN_MS,
  loginShellError,
  NotStarted,
  readStartMarkers,
} from "../command/start-marker";
import { dial, type DialOptions } from "../dial";
import type { Connection } from "../host";
import { startProcess } from "../local/host";
import type { PrivateKeyText } from "../private-key";
import type { Session } from "../session";
import { loginKey } from "../ssh2/key";
import { describeTarget } from "../target";
import { type Bridge, bridgeTo } from "./bridge";
import { openSshError, withoutDebug } from "./errors";
import { privateFolder } from "./folder";
import { prepareLogin, sshHost } from "./login";
import { OpenSshSession } from "./session";

/** 255 is `ssh`'s own failure. */
const FAILED = 255;
const LOOK_EVERY_MS = 50;

/** Opens a session by `ssh`; `through` is the one to the jump host, by whatever transport. */
export async function openByOpenSsh(
  connection: Connection,
  through: Session | undefined,
  options: DialOptions,
): Promise<Session> {
  const label = describeTarget(connection);
  const key = loginKey(connection, label);
  const { session, begun } = await dial(
    label,
    connection,
    async (signal) => {
      const folder = await privateFolder(label);
      const bridge =
        through === undefined ? undefined : await bridgeTo(connection, through, folder);
      const remove = async (): Promise<void> => {
        bridge?.close();
        await rm(folder, { recursive: true, force: true });
      };
      try {
        const { holder, begun } = await hold(connection, key, label, folder, bridge, signal);
        const host = sshHost(connection);
        const session = new OpenSshSession(label, host, join(folder, "control"), holder);
        void session.closed.then(remove);
        return { session, begun };
      } catch (error) {
        await remove();
        throw bridge?.failure() ?? error;
      }
    },
    options,
  );
  try {
    await unlessAborted(options.signal, begun());
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

interface Held {
  readonly holder: RunningCommand;
  /** Waits for the login shell, which is no matter of the network. */
  readonly begun: () => Promise<void>;
}

/** Starts the `ssh` that holds the connection; resolves once it is logged in. */
async function hold(
  connection: Connection,
  key: PrivateKeyText | undefined,
  label: string,
  folder: string,
  bridge: Bridge | undefined,
  signal: AbortSignal,
): Promise<Held> {
  const login = await prepareLogin(connection, key, label, folder);
  try {
    const control = join(folder, "control");
    const args = [
      ...["-M", "-S", control, ...login.options],
      ...(bridge === undefined ? [] : ["-o", `ProxyCommand=${bridge.command}`]),
      ...["--", sshHost(connection), loginShellLine("exec cat", "none")],
    ];
    const holder = await startProcess("ssh", args, label, login.environment);
    const tooLate = new AbortController();
    const started = startOf(holder, connection, label, tooLate.signal);
    try {
      await unlessAborted(signal, Promise.race([started, untilThere(control, started)]));
    } catch (error) {
      holder.kill();
      throw error;
    }
    const begun = async (): Promise<void> => {
      const timer = setTimeout(() => {
        tooLate.abort();
      }, BEGINS_WITHIN_MS);
      await started.finally(() => {
        clearTimeout(timer);
      });
    };
    return { holder, begun };
  } finally {
    await login.over();
  }
}

async function startOf(
  holder: RunningCommand,
  connection: Connection,
  label: string,
  until: AbortSignal,
): Promise<void> {
  try {
    await readStartMarkers(holder, { until });
    // It says nothing more; but a full pipe would stop it.
    holder.stdout.resume();
    holder.stderr.resume();
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    const { exitCode, said } = error;
    throw exitCode === FAILED
      ? openSshError(label, connection, said)
      : loginShellError(label, { exitCode, said: withoutDebug(said) });
  }
}

/** Resolves when the control socket is there, which `ssh` makes once it is logged in, or `other` settles. */
async function untilThere(path: string, other: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const stop = (): void => {
    waiting.abort();
  };
  other.then(stop, stop);
  while (!waiting.signal.aborted && !existsSync(path)) await delay(LOOK_EVERY_MS);
}
