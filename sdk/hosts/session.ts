/** One connection to a host, shared by all who work on it; what a transport has to provide. */
import type { Duplex } from "node:stream";

import type { LoginShellOptions } from "./command/login-shell";
import type { Accept } from "./host";
import type { RunningCommand } from "./command/running";

/** Conversations may last; runs are short, and some places are kept for them. */
export type ChannelKind = "run" | "conversation" | "housekeeping";

export interface Session {
  /** What a line for {@link Session.start} needs besides the command. */
  readonly lineOptions?: LoginShellOptions;
  /**
   * Hands `line` to the user's login shell; waits for its turn where only so many commands may run at once, but for
   * an `aside`, which is a few milliseconds of housekeeping.
   */
  start(line: string, kind: ChannelKind, signal: AbortSignal): Promise<RunningCommand>;
  /** A TCP connection as seen from the host. */
  connect(address: string, port: number, signal?: AbortSignal): Promise<Duplex>;
  /**
   * Listens on a port of the host; an empty address means all of them. Resolves with what closes it.
   *
   * @throws ForwardingRefused where the host says no, without saying why
   */
  listen(address: string, port: number, accept: Accept): Promise<() => Promise<void>>;
  /** Resolves once the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}
