/**
 * A place where commands run and files lie: a host behind SSH, or this machine.
 *
 * Only the interface: `local/host.ts` and `remote-host.ts` implement it, `open.ts` chooses.
 */
import type { Duplex } from "node:stream";

export interface CommandResult {
  /** The exit code; for a command that a signal ended, 128 plus its number. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Sent to the command's standard input, the only way for secrets. */
  readonly stdin?: string | Uint8Array;
  /** Milliseconds; default 60 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A command that still runs: talk to it line by line. */
export interface Conversation {
  /** Writes to its standard input. */
  write(data: string | Uint8Array): Promise<void>;
  /** The next line of its standard output without the newline; `undefined` at its end. */
  readLine(signal?: AbortSignal): Promise<string | undefined>;
  /** Closes its standard input, waits for it, gives its exit code and what it wrote to standard error. */
  end(): Promise<CommandResult>;
}

export interface Host {
  /** For people: `deploy@web-1.example.com:22`, or `this machine`. */
  readonly label: string;
  /** What tells one machine from another: `web-1.example.com`, or `local`. Not a port, not a user. */
  readonly identity: string;
  /**
   * Runs `command` by `/bin/sh -c`, as root through `sudo` where the connection says so. Never throws for an exit code.
   *
   * @throws {@link HostError} when it could not be run to its end: no connection, cut, timed out, sudo refused.
   */
  run(command: string, options?: RunOptions): Promise<CommandResult>;
  /** Starts `command` as {@link Host.run} would, and leaves it running for a conversation. */
  converse(command: string, options?: Omit<RunOptions, "stdin">): Promise<Conversation>;
  /** A TCP connection to `address:port` as seen from the host. */
  connect(address: string, port: number, signal?: AbortSignal): Promise<Duplex>;
  /**
   * Listens on a TCP port of the host, and hands every connection to `accept` in this process.
   *
   * @throws {@link HostError} `port-in-use`; `permission` with what is missing.
   */
  listen(port: number, options: ListenOptions, accept: Accept): Promise<Listener>;
}

export interface ListenOptions {
  /** What the host binds; default: all its addresses. */
  readonly address?: string;
  readonly signal?: AbortSignal;
}

export type Accept = (connection: Duplex) => void;

/** A TCP port of a host that this process answers. */
export interface Listener {
  /** Stops listening; connections that are open live on. Idempotent, and never throws. */
  close(): Promise<void>;
  /** Resolves with the reason if it ended by itself, as when the connection to the host was cut. */
  readonly lost: Promise<HostError>;
}

export type HostErrorCode =
  | "unreachable" // refused, no route, name not found
  | "timeout"
  | "host-key" // the host shows another key than the one that is expected
  | "authentication"
  | "protocol" // it answers, but not with an SSH that we understand
  | "connection-lost"
  | "sudo"
  | "permission"
  | "port-in-use"
  | "no-space"
  | "command"; // a command that had to succeed did not

/** Something went wrong on, or on the way to, a host. */
export class HostError extends Error {
  override readonly name = "HostError";
  readonly code: HostErrorCode;
  readonly host: string;
  /** What was being done: `connect`, `write /etc/ssl/x/privkey.pem`, `test`, `reload` … */
  readonly step: string;
  readonly exitCode: number | undefined;

  /** @param detail - what the host or the network said, already free of secrets. */
  constructor(
    code: HostErrorCode,
    at: { host: string; step: string; detail: string; exitCode?: number | undefined },
    options?: ErrorOptions,
  ) {
    super(`${at.host}: ${at.step}: ${at.detail}`, options);
    this.code = code;
    this.host = at.host;
    this.step = at.step;
    this.exitCode = at.exitCode;
  }
}

/** How to reach a host, as it stands in a resource's inputs. The names of `@pulumi/command`'s, and a few of ours. */
export interface Connection {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly agentSocketPath?: string;
  readonly hostKey?: string;
  readonly knownHosts?: string;
  readonly insecureIgnoreHostKey?: boolean;
  readonly dialErrorLimit?: number;
  readonly perDialTimeout?: number;
  readonly proxy?: Connection;
  readonly sudo?: boolean;
  readonly sudoPassword?: string;
  readonly transport?: "ssh2" | "openssh";
}

/** A host behind SSH, or `"local"` for this machine. */
export type Target = Connection | "local";

/** How a host is opened. */
export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** One line while a host is waited for: "web-1: connection refused, try 2 of 10". */
  readonly progress?: (message: string) => void;
  /** The host may have just been made: a refused login is tried again for half a minute. */
  readonly newHost?: boolean;
}
