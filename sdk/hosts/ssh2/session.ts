/** A session over a client of ssh2's that has logged in: commands and connections as channels. */
import { constants } from "node:os";
import type { Duplex, Readable } from "node:stream";

import { unlessAborted } from "../../util/abort";
import { messageOf } from "../../util/errors";
import { Channels, ChannelRefused, type OpenChannel } from "../command/channels";
import { type Accept, HostError } from "../host";
import { type ForwardingClient, ForwardingRefused, ReverseTunnels } from "./reverse-tunnels";
import type { RunningCommand } from "../command/running";
import type { ChannelKind, Session } from "../session";

const CLOSED_WITHIN_MS = 2000;
/** RFC 4254 §5.1. */
const ADMINISTRATIVELY_PROHIBITED = 1;

/** What we use of ssh2's `Client`. */
export interface SshClient extends ForwardingClient {
  exec(line: string, done: (error: Error | undefined, channel: SshChannel) => void): unknown;
  forwardOut(
    fromAddress: string,
    fromPort: number,
    address: string,
    port: number,
    done: (error: Error | undefined, channel: SshChannel) => void,
  ): unknown;
  end(): unknown;
  on: ForwardingClient["on"] & ((event: "error", listener: (error: Error) => void) => unknown);
  once(event: "close", listener: () => void): unknown;
}

interface SshChannel extends Duplex {
  readonly stderr: Readable;
}

export class SshSession implements Session {
  readonly #label: string;
  readonly #client: SshClient;
  readonly #socket: Duplex;
  readonly #channels = new Channels();
  readonly #tunnels: ReverseTunnels;
  #lastWords = "the connection was cut";
  readonly closed: Promise<void>;

  constructor(label: string, client: SshClient, socket: Duplex) {
    this.#label = label;
    this.#client = client;
    this.#socket = socket;
    this.#tunnels = new ReverseTunnels(client);
    client.on("error", (error) => {
      this.#lastWords = `the connection was cut: ${messageOf(error)}`;
    });
    this.closed = new Promise((resolve) => client.once("close", resolve));
  }

  start(line: string, kind: ChannelKind, signal: AbortSignal): Promise<RunningCommand> {
    return this.#channels.open(kind, signal, () =>
      this.#channel(
        "run a command",
        signal,
        (done) => {
          this.#client.exec(line, done);
        },
        (channel) => this.#command(channel),
      ),
    );
  }

  connect(address: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const step = `connect to ${address} port ${String(port)}`;
    return this.#channel(
      step,
      signal,
      (done) => {
        // Where the connection comes from is a remark for the host's log.
        this.#client.forwardOut("127.0.0.1", 0, address, port, done);
      },
      (channel) => channel,
    ).catch((error: unknown) => {
      if (!(error instanceof ChannelRefused)) throw error;
      const forbidden = error.reason === ADMINISTRATIVELY_PROHIBITED;
      const detail = forbidden
        ? "the host forbids it: its sshd_config needs AllowTcpForwarding yes (or local)"
        : `the host could not: ${error.message}`;
      const code = forbidden ? "permission" : "unreachable";
      throw new HostError(code, { host: this.#label, step, detail });
    });
  }

  async listen(address: string, port: number, accept: Accept): Promise<() => Promise<void>> {
    const step = `listen on port ${String(port)}`;
    const unlessLost = async (work: () => Promise<void>): Promise<void> => {
      // When the connection is closed, no answer may come at all; ssh2 throws when it is closed already.
      const lost = this.closed.then(() => Promise.reject(this.#lost(step)));
      await Promise.race([work(), lost]).catch((error: unknown) => {
        throw error instanceof ForwardingRefused ? error : this.#lost(step);
      });
    };
    await unlessLost(() => this.#tunnels.open(address, port, accept));
    return () => unlessLost(() => this.#tunnels.close(address, port));
  }

  close(): void {
    this.#client.end();
    // A peer that is gone does not answer the goodbye.
    setTimeout(() => this.#socket.destroy(), CLOSED_WITHIN_MS).unref();
  }

  #lost(step: string): HostError {
    return new HostError("connection-lost", { host: this.#label, step, detail: this.#lastWords });
  }

  /**
   * What `take` makes of the channel that a callback of ssh2's brings. When the connection closes first, no callback
   * may come at all; when it hangs, the caller may have given up by then.
   *
   * `take` listens within the callback: all that arrives in one piece with the answer, ssh2 tells before a promise
   * is gone on with, and a short command's exit code would be missed.
   */
  #channel<T>(
    step: string,
    signal: AbortSignal | undefined,
    request: (done: (error: Error | undefined, channel: SshChannel) => void) => void,
    take: (channel: SshChannel) => T,
  ): Promise<T> {
    let opened: SshChannel | undefined;
    const opening = new Promise<T>((resolve, reject) => {
      void this.closed.then(() => {
        reject(this.#lost(step));
      });
      try {
        request((error, channel) => {
          if (error === undefined) {
            opened = channel;
            resolve(take(channel));
          } else if (/no response from server|not connected/i.test(error.message))
            reject(this.#lost(step));
          else reject(new ChannelRefused(messageOf(error), (error as { reason?: unknown }).reason));
        });
      } catch {
        // ssh2 throws when the socket is no longer writable.
        reject(this.#lost(step));
      }
    });
    return unlessAborted(signal, opening).catch((error: unknown) => {
      opening.then(
        () => opened?.destroy(),
        () => undefined,
      );
      throw error;
    });
  }

  #command(channel: SshChannel): OpenChannel<RunningCommand> {
    const closed = Promise.race([
      new Promise<void>((resolve) => channel.once("close", resolve)),
      this.closed,
    ]);
    let kill = (): void => undefined;
    const exited = new Promise<number>((resolve, reject) => {
      channel.once("exit", (code: number | null, signal?: string) => {
        resolve(code ?? 128 + signalNumber(signal));
      });
      void closed.then(() => {
        reject(this.#lost("run a command"));
      });
      kill = () => {
        channel.destroy();
        setTimeout(() => {
          resolve(128 + constants.signals.SIGTERM);
        }, CLOSED_WITHIN_MS).unref();
      };
    });
    // It is asked for when it matters.
    exited.catch(() => undefined);
    channel.on("error", () => undefined);
    return {
      value: { stdin: channel, stdout: channel, stderr: channel.stderr, exited, kill },
      closed,
    };
  }
}

function signalNumber(name: string | undefined): number {
  return (constants.signals as Record<string, number | undefined>)[name ?? ""] ?? 0;
}
