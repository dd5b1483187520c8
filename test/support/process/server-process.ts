/** A server of somebody else's, run for the length of a test, or until a later run ends it. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { killTree } from "./process-tree";

export interface ServerProcess {
  readonly pid: number;
  /** All that it wrote so far, standard output and error in one. */
  output(): string;
  /** Set once it has ended, by itself or not. */
  readonly ended: Promise<void>;
  /** Ends it and everything that it started. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Where it logs. With it the server outlives this process, and no Ctrl-C of the terminal reaches it. */
  readonly keepRunningWithLog?: string;
  /** Asked again and again until it says yes. */
  readonly ready: () => Promise<boolean>;
  /** Milliseconds to become ready; default 20 000. */
  readonly timeoutMs?: number;
}

/** A server that ended before it was ready; `output` tells why. */
export class ServerStartError extends Error {
  override readonly name = "ServerStartError";
  readonly output: string;

  constructor(message: string, output: string) {
    super(`${message}\n${output.slice(-2000)}`);
    this.output = output;
  }

  /** Somebody else took the port between our choosing it and the server's binding it. */
  get portTaken(): boolean {
    return /address already in use/i.test(this.output);
  }
}

const running = new Set<number>();

process.on("exit", () => {
  for (const pid of running) killTree(pid, "SIGKILL");
});

/** Starts `command`, and waits until it is ready. */
export async function startServer(
  command: string,
  args: readonly string[],
  options: ServerOptions,
): Promise<ServerProcess> {
  const log = openLog(options.keepRunningWithLog);
  const keepRunning = options.keepRunningWithLog !== undefined;
  const child = spawn(command, args, {
    stdio: ["ignore", log.descriptor, log.descriptor],
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    detached: keepRunning,
  });
  const { pid } = child;
  if (pid === undefined) {
    log.close();
    throw await spawnFailure(child, command);
  }
  const server = wrap(child, pid, log);
  await untilReady(server, child, command, options);
  if (keepRunning) {
    running.delete(pid);
    child.unref();
  }
  return server;
}

/** Runs `start` again with fresh ports while the system gives ones that somebody else takes first. */
export async function retryOnTakenPort<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 5 || !(error instanceof ServerStartError) || !error.portTaken) throw error;
    }
  }
}

interface Log {
  readonly descriptor: number;
  read(): string;
  close(): void;
}

/** A file rather than a pipe, by default one without a name: what the server wrote before it answered can be read once it has answered. */
function openLog(file?: string): Log {
  const path = file ?? join(tmpdir(), `acme-log-${randomUUID()}`);
  mkdirSync(dirname(path), { recursive: true });
  const descriptor = openSync(path, "a+", 0o600);
  if (file === undefined) unlinkSync(path);
  const start = fstatSync(descriptor).size;
  const current = (): string => {
    const text = Buffer.alloc(fstatSync(descriptor).size - start);
    return text.toString("utf8", 0, readSync(descriptor, text, 0, text.length, start));
  };
  let last: string | undefined;
  return {
    descriptor,
    read: () => last ?? current(),
    close: () => {
      last = current();
      closeSync(descriptor);
    },
  };
}

function wrap(child: ChildProcess, pid: number, log: Log): ServerProcess {
  running.add(pid);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      running.delete(pid);
      log.close();
      resolve();
    });
  });
  return {
    pid,
    output: () => log.read(),
    ended,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      killTree(pid, "SIGTERM");
      const stubborn = setTimeout(() => {
        killTree(pid, "SIGKILL");
      }, 3000);
      await ended;
      clearTimeout(stubborn);
    },
  };
}

async function untilReady(
  server: ServerProcess,
  child: ChildProcess,
  command: string,
  options: ServerOptions,
): Promise<void> {
  const timeoutMs = options.timeoutMs ?? 20_000;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    // First whether it lives: another server may answer on a port that was taken from it.
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new ServerStartError(
        `${command} ended with code ${String(child.exitCode)} before it was ready:`,
        server.output(),
      );
    }
    if (await options.ready()) return;
    if (Date.now() > deadline) {
      await server.stop();
      throw new ServerStartError(
        `${command} was not ready after ${String(timeoutMs)} ms:`,
        server.output(),
      );
    }
    await sleep(20);
  }
}

function spawnFailure(child: ChildProcess, command: string): Promise<Error> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      resolve(new Error(`${command} could not be started: ${error.message}`));
    });
  });
}
