/**
 * SSH by the command `ssh`: for what ssh2 cannot do (certificates, hardware keys, post-quantum key exchange).
 *
 * One `ssh` holds the connection, the others go through its control socket. What holds it runs `cat` on the host and
 * reads a pipe of ours: however this process ends, the pipe closes, and so does the connection.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Duplex } from "node:stream";

import { unlessAborted } from "../../util/abort";
import { hostAndPort, normalizeHost } from "../../util/host-name";
import { Channels } from "../command/channels";
import { dial, type DialOptions } from "../dial";
import { type Accept, type Connection, HostError } from "../host";
import { startProcess } from "../local/host";
import { openSshError } from "./errors";
import { forwardByOpenSsh } from "./listen";
import { prepareLogin } from "./login";
import type { PrivateKeyText } from "../private-key";
import { loginKey } from "../ssh2/key";
import { readStartMarkers, NotStarted } from "../command/start-marker";
import type { RunningCommand } from "../command/running";
import type { ChannelKind, Session } from "../session";
import { shellQuote } from "../command/shell";
import { loginShellLine } from "../command/login-shell";
import { DEFAULT_PORT, describeTarget } from "../target";

/** How long the holder of the connection may take to notice that it is gone. */
const NOTICED_WITHIN_MS = 500;

/** Opens a session by `ssh`; `through` is the one to the jump host, by whatever transport. */
export async function openByOpenSsh(
  connection: Connection,
  through: Session | undefined,
  options: DialOptions,
): Promise<Session> {
  const label = describeTarget(connection);
  const key = loginKey(connection, label);
  return dial(
    label,
    connection,
    async (signal) => {
      const folder = await mkdtemp(join(tmpdir(), "pulumi-acme-ssh-"));
      const bridge =
        through === undefined ? undefined : await bridgeTo(connection, through, folder);
      const remove = async (): Promise<void> => {
        bridge?.close();
        await rm(folder, { recursive: true, force: true });
      };
      try {
        const holder = await hold(connection, key, label, folder, bridge, signal);
        const session = new OpenSshSession(label, connection.host, join(folder, "control"), holder);
        void session.closed.then(remove);
        return session;
      } catch (error) {
        await remove();
        throw bridge?.failure() ?? error;
      }
    },
    options,
  );
}

/** Starts the `ssh` that holds the connection; resolves once it is logged in. */
async function hold(
  connection: Connection,
  key: PrivateKeyText | undefined,
  label: string,
  folder: string,
  bridge: Bridge | undefined,
  signal: AbortSignal,
): Promise<RunningCommand> {
  const login = await prepareLogin(connection, key, label, folder);
  try {
    const args = [
      ...["-M", "-S", join(folder, "control"), ...login.options],
      ...(bridge === undefined ? [] : ["-o", `ProxyCommand=${bridge.command}`]),
      ...["--", normalizeHost(connection.host), loginShellLine("exec cat", "none")],
    ];
    const holder = await startProcess("ssh", args, label, login.environment);
    try {
      await unlessAborted(signal, readStartMarkers(holder));
      // It says nothing more; but a full pipe would stop it.
      holder.stdout.resume();
      holder.stderr.resume();
      return holder;
    } catch (error) {
      holder.kill();
      signal.throwIfAborted();
      throw error instanceof NotStarted ? openSshError(label, connection, error.said) : error;
    }
  } finally {
    await login.over();
  }
}

interface Bridge {
  /** For `ProxyCommand`. */
  readonly command: string;
  readonly failure: () => unknown;
  readonly close: () => void;
}

/** A socket in `folder` that leads to the host through the jump host's session. */
async function bridgeTo(connection: Connection, through: Session, folder: string): Promise<Bridge> {
  const path = join(folder, "jump");
  let failure: unknown;
  const server: Server = createServer((near) => {
    near.on("error", () => undefined);
    through.connect(connection.host, connection.port ?? DEFAULT_PORT).then(
      (far) => {
        far.on("error", () => near.destroy()).on("close", () => near.destroy());
        near.on("close", () => far.destroy());
        near.pipe(far).pipe(near);
      },
      (error: unknown) => {
        failure = error;
        near.destroy();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(path, resolve);
  });
  const script =
    "const s=require('net').connect(process.argv[1]);s.on('error',()=>process.exit(1)).on('close',()=>process.exit(0));process.stdin.pipe(s).pipe(process.stdout)";
  const command = [process.execPath, "-e", script, path].map(shellQuote).join(" ");
  return {
    // ssh replaces what follows a "%".
    command: command.replaceAll("%", "%%"),
    failure: () => failure,
    close: () => {
      server.close();
    },
  };
}

class OpenSshSession implements Session {
  readonly #label: string;
  readonly #host: string;
  readonly #control: string;
  readonly #holder: RunningCommand;
  readonly #channels = new Channels();
  #gone = false;
  readonly closed: Promise<void>;

  constructor(label: string, host: string, control: string, holder: RunningCommand) {
    this.#label = label;
    this.#host = normalizeHost(host);
    this.#control = control;
    this.#holder = holder;
    const gone = (): void => {
      this.#gone = true;
    };
    this.closed = holder.exited.then(gone, gone);
  }

  start(line: string, kind: ChannelKind, signal: AbortSignal): Promise<RunningCommand> {
    return this.#channels.open(kind, signal, async () => {
      const value = this.#watched(await this.#ssh(["-T"], [line]), "run a command");
      const ended = (): void => undefined;
      return { value, closed: value.exited.then(ended, ended) };
    });
  }

  async connect(address: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    signal?.throwIfAborted();
    const step = `connect to ${address} port ${String(port)}`;
    const running = this.#watched(await this.#ssh(["-W", hostAndPort(address, port)], []), step);
    running.stderr.resume();
    const detail = "the host could not, or forbids it (AllowTcpForwarding)";
    const refused = new HostError("unreachable", { host: this.#label, step, detail });
    return streamOf(running, refused);
  }

  listen(address: string, port: number, accept: Accept): Promise<() => Promise<void>> {
    const step = `listen on port ${String(port)}`;
    const ssh = async (options: readonly string[]): Promise<RunningCommand> =>
      this.#watched(await this.#ssh(options, []), step);
    return forwardByOpenSsh({ ssh, folder: dirname(this.#control) }, address, port, accept);
  }

  close(): void {
    this.#holder.stdin.end();
    this.#holder.kill();
  }

  #ssh(options: readonly string[], command: readonly string[]): Promise<RunningCommand> {
    if (this.#gone) return Promise.reject(this.#lost("run a command"));
    return startProcess(
      "ssh",
      // Without the user's configuration, and with a way of its own that leads nowhere: it is to go through the
      // control socket or not at all.
      [
        ...["-F", "/dev/null", "-S", this.#control, "-o", "ControlMaster=no"],
        ...["-o", "ProxyCommand=false", "-o", "BatchMode=yes", ...options],
        ...["--", this.#host, ...command],
      ],
      this.#label,
    );
  }

  /** 255 is `ssh`'s own failure, or a command's own code: it depends on whether the connection still stands. */
  #watched(running: RunningCommand, step: string): RunningCommand {
    const exited = running.exited.then(async (code) => {
      if (code !== 255) return code;
      const pause = new Promise((resolve) => setTimeout(resolve, NOTICED_WITHIN_MS));
      await Promise.race([this.closed, pause]);
      if (this.#gone) throw this.#lost(step);
      return code;
    });
    exited.catch(() => undefined);
    return { ...running, exited };
  }

  #lost(step: string): HostError {
    const detail = "the connection was cut";
    return new HostError("connection-lost", { host: this.#label, step, detail });
  }
}

/** A command's input and output as one stream. `ssh -W` does not say that it is connected, only that it is not. */
function streamOf(running: RunningCommand, refused: HostError): Duplex {
  const { stdin, stdout } = running;
  let heard = false;
  const stream = new Duplex({
    read: () => stdout.resume(),
    write: (chunk, _encoding, done) => {
      stdin.write(chunk, done);
    },
    final: (done) => {
      stdin.end(done);
    },
    destroy: (error, done) => {
      running.kill();
      done(error);
    },
  });
  stdout.on("data", (chunk: Buffer) => {
    heard = true;
    if (!stream.push(chunk)) stdout.pause();
  });
  const ended = new Promise<void>((resolve) => stdout.once("close", resolve));
  Promise.all([running.exited, ended]).then(
    ([code]) => {
      if (code === 0 || heard) stream.push(null);
      else stream.destroy(refused);
    },
    (error: unknown) => {
      stream.destroy(error as Error);
    },
  );
  return stream;
}
