/** A session by the command `ssh`: each command is one `ssh` that goes through the control socket of another. */
import { dirname } from "node:path";
import { Duplex } from "node:stream";

import { hostAndPort } from "../../util/host-name";
import { Channels } from "../command/channels";
import type { LoginShellOptions } from "../command/login-shell";
import type { RunningCommand } from "../command/running";
import { type Accept, HostError } from "../host";
import { startProcess } from "../local/host";
import type { ChannelKind, Session } from "../session";
import { endsAsItSays } from "./end-marker";
import { forwardByOpenSsh } from "./listen";

/** How long the holder of the connection may take to notice that it is gone. */
const NOTICED_WITHIN_MS = 500;

export class OpenSshSession implements Session {
  readonly #label: string;
  readonly #host: string;
  readonly #control: string;
  readonly #holder: RunningCommand;
  readonly #channels = new Channels();
  #gone = false;
  readonly closed: Promise<void>;
  readonly lineOptions: LoginShellOptions = { tellsEnd: true };

  constructor(label: string, host: string, control: string, holder: RunningCommand) {
    this.#label = label;
    this.#host = host;
    this.#control = control;
    this.#holder = holder;
    const gone = (): void => {
      this.#gone = true;
    };
    this.closed = holder.exited.then(gone, gone);
  }

  start(line: string, kind: ChannelKind, signal: AbortSignal): Promise<RunningCommand> {
    return this.#channels.open(kind, signal, async () => {
      const running = this.#watched(await this.#ssh(["-T"], [line]), "run a command");
      const ended = (): void => undefined;
      return { value: endsAsItSays(running), closed: running.exited.then(ended, ended) };
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
