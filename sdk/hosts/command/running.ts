/**
 * A command that has been started, wherever it runs, and running it to its end.
 *
 * The transports (this machine, ssh2, the `ssh` binary) differ in how a command starts; from there on it is three
 * streams and an exit code.
 */
import type { Readable, Writable } from "node:stream";

import { TimeoutError } from "../../util/errors";
import { withDeadline } from "../../util/abort";
import { type CommandResult, HostError, type RunOptions } from "../host";

export interface RunningCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code; rejects with a {@link HostError} when the way to the command was lost. */
  readonly exited: Promise<number>;
  /** Ends it and what it started. `exited` settles soon after, even if nobody answers any more. */
  kill(): void;
}

/** Starts a command; waits for its turn where only so many may run at once. */
export type Start = (signal: AbortSignal) => Promise<RunningCommand>;

/** A signal for whoever gives none. Not one for all: Node warns of a leak from the eleventh listener on. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** A page of configuration or a list of files, never a database: more is a command gone wild. */
const STDOUT_LIMIT = 32 * 1024 * 1024;
const STDERR_LIMIT = 64 * 1024;
/** How long output may pause after the command has exited: a daemon that it started may hold the pipes for ever. */
const SILENCE_AFTER_EXIT_MS = 500;

/** Starts a command, feeds it, and waits for it. */
export async function runToEnd(
  host: string,
  start: Start,
  options: RunOptions = {},
): Promise<CommandResult> {
  // Waiting for a place among the commands of a busy host does not count.
  const running = await start(options.signal ?? never());
  return limited(host, options, async (signal) => {
    const stdout = gather(running.stdout, STDOUT_LIMIT);
    const stderr = gather(running.stderr, STDERR_LIMIT);
    running.stdin.end(options.stdin ?? "");
    const code = await exitOf(running, signal);
    await silence(running);
    if (stdout.overflowed()) {
      const detail = `wrote more than ${String(STDOUT_LIMIT / 1024 / 1024)} MiB`;
      throw new HostError("command", { host, step: "run a command", detail });
    }
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  });
}

/** Gives `work` the time that the caller allows; running out of it is a {@link HostError}. */
export async function limited<T>(
  host: string,
  options: Pick<RunOptions, "timeoutMs" | "signal">,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  try {
    return await withDeadline("a command", timeoutMs, signal, work);
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof TimeoutError)) throw error;
    throw timeoutError(host, timeoutMs);
  }
}

export function timeoutError(host: string, timeoutMs: number): HostError {
  const detail = `did not end within ${String(timeoutMs / 1000)} s, and was stopped`;
  return new HostError("timeout", { host, step: "run a command", detail });
}

/** The exit code, or the signal's reason once the command has been stopped for it. */
export async function exitOf(running: RunningCommand, signal: AbortSignal): Promise<number> {
  const stop = (): void => {
    running.kill();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const code = await running.exited;
    signal.throwIfAborted();
    return code;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Everything that `stream` says, as text: at most `limit` bytes, of stderr the last ones. */
export function gather(stream: Readable, limit: number): { text(): string; overflowed(): boolean } {
  const chunks: Buffer[] = [];
  let size = 0;
  let over = false;
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size > limit && chunks.length > 1) {
      over = true;
      size -= chunks.shift()?.length ?? 0;
    }
  });
  // A stream that somebody read from before may be paused.
  stream.resume();
  return {
    text: () => Buffer.concat(chunks).toString("utf8"),
    overflowed: () => over || size > limit,
  };
}

/**
 * Resolves when all output has arrived: both streams ended, or silent for a while. Call it after the command has
 * exited. A daemon that it started may hold the pipes, and must not hold us.
 */
export function silence({ stdout, stderr }: RunningCommand): Promise<void> {
  const open = new Set([stdout, stderr].filter((s) => !s.readableEnded && !s.destroyed));
  if (open.size === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const stream of open) stream.destroy();
      resolve();
    };
    const timer = setTimeout(done, SILENCE_AFTER_EXIT_MS);
    for (const stream of open) {
      const ended = (): void => {
        open.delete(stream);
        if (open.size === 0) done();
      };
      stream.on("data", () => timer.refresh());
      for (const event of ["end", "close", "error"]) stream.once(event, ended);
    }
  });
}
