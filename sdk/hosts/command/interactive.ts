/** A conversation with a running command: reads its output line by line, and writes its input with back-pressure. */
import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";

import { type CommandResult, type Conversation, HostError, type RunOptions } from "../host";
import { gather, type RunningCommand, silence, timeoutError } from "./running";
import { singleLine } from "../../util/text";

const DEFAULT_TIMEOUT_MS = 60_000;
const STDERR_LIMIT = 64 * 1024;
const LINE_LIMIT = 1024 * 1024;
const READ_AHEAD = 2 * LINE_LIMIT;

/** A conversation with `running`; the limits of `options` hold for the whole of it. */
export function converseWith(
  host: string,
  running: RunningCommand,
  options: Omit<RunOptions, "stdin">,
): Conversation {
  const limit = limitOf(host, running, options);
  const stderr = gather(running.stderr, STDERR_LIMIT);
  const lines = new Lines(running.stdout);
  const exitCode = running.exited.finally(limit.lift);
  // A rejection reaches those who wait; without a waiter it must not end the process.
  exitCode.catch(() => undefined);

  /** Waits for `work` while the command runs; throws why it ended. */
  const whileRunning = async <T>(work: Promise<T>): Promise<T> => {
    const ended = exitCode.then((code) => {
      limit.check();
      const detail = `it ended early (exit code ${String(code)}): ${singleLine(stderr.text())}`;
      throw new HostError("command", { host, step: "talk to a command", detail, exitCode: code });
    });
    return Promise.race([work, ended]);
  };

  return {
    write: (data) => {
      limit.check();
      return whileRunning(written(running, data));
    },
    readLine: async (signal) => {
      limit.check();
      // Not raced with the exit: lines written before it are still to be read.
      const line = await lines.next(signal);
      if (line === undefined) {
        limit.check();
        if (await lost(running)) await running.exited;
      }
      return line;
    },
    end: async (): Promise<CommandResult> => {
      running.stdin.end();
      running.stdout.resume();
      const code = await exitCode;
      limit.check();
      await silence(running);
      return { code, stdout: lines.takeRest(), stderr: stderr.text() };
    },
  };
}

/** Resolves once `data` is sent; waits for a command that reads slowly. */
function written(running: RunningCommand, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    running.stdin.write(data, (error) => {
      if (error == null) resolve();
      // The exit code, which follows, says more than a closed pipe.
      else running.exited.then(() => undefined, reject);
    });
  });
}

/** Whether the connection to the command is lost; does not wait for a command that still runs. */
async function lost(running: RunningCommand): Promise<boolean> {
  const pending = Symbol("pending");
  const now = new Promise((resolve) => setTimeout(resolve, 50, pending));
  return Promise.race([running.exited, now]).then(
    () => false,
    () => true,
  );
}

/** Stops the command at its time limit or when the signal aborts; `check` then throws the reason. */
function limitOf(
  host: string,
  running: RunningCommand,
  options: Omit<RunOptions, "stdin">,
): { readonly check: () => void; readonly lift: () => void } {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  let why: Error | undefined;
  const stop = (reason: unknown): void => {
    why ??= reason instanceof Error ? reason : new Error("aborted");
    running.kill();
  };
  const abort = (): void => {
    stop(signal?.reason);
  };
  const timer = setTimeout(() => {
    stop(timeoutError(host, timeoutMs));
  }, timeoutMs);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return {
    check: () => {
      if (why !== undefined) throw why;
    },
    lift: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/** The lines of a stream. It reads ahead up to a limit, then back-pressure stops the command. */
class Lines {
  readonly #stream: Readable;
  readonly #decoder = new StringDecoder("utf8");
  #pending = "";
  #over = false;
  #wake: () => void = () => undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#pending += this.#decoder.write(chunk);
      if (this.#pending.length > READ_AHEAD) stream.pause();
      this.#wake();
    });
    // An error of the stream is its end here; the reason comes from the command's exit.
    for (const event of ["end", "close", "error"]) stream.on(event, this.#finish);
    stream.resume();
  }

  async next(signal?: AbortSignal): Promise<string | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const newline = this.#pending.indexOf("\n");
      if (newline >= 0) {
        const line = this.#pending.slice(0, newline);
        this.#pending = this.#pending.slice(newline + 1);
        return line;
      }
      if (this.#over) return this.takeRest() || undefined;
      if (this.#pending.length > LINE_LIMIT) throw new RangeError("a line of more than 1 MiB");
      this.#stream.resume();
      await this.#news(signal);
    }
  }

  /** What was not read as lines. */
  takeRest(): string {
    const rest = this.#pending;
    this.#pending = "";
    return rest;
  }

  readonly #finish = (): void => {
    if (this.#over) return;
    this.#over = true;
    this.#pending += this.#decoder.end();
    this.#wake();
  };

  #news(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const awake = (): void => {
        signal?.removeEventListener("abort", awake);
        resolve();
      };
      this.#wake = awake;
      signal?.addEventListener("abort", awake, { once: true });
    });
  }
}
