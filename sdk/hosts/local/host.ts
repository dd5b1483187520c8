/** This machine as a host: commands in a process group of their own, sockets from here. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { constants } from "node:os";
import type { Duplex } from "node:stream";

import { converseWith } from "../command/interactive";
import { type Host, HostError } from "../host";
import { listenHere } from "./listen";
import { type RunningCommand, runToEnd } from "../command/running";
import { searchPath } from "../command/shell";

const LABEL = "this machine";
/** A stopped command may still put things back; after that it is ended by force. */
const FORCE_AFTER_MS = 1000;

export const localHost: Host = {
  label: LABEL,
  identity: "local",
  run: (command, options) => runToEnd(LABEL, () => start(command), options),
  converse: async (command, options = {}) => {
    options.signal?.throwIfAborted();
    return converseWith(LABEL, await start(command), options);
  },
  connect: connectFromHere,
  listen: (port, options, accept) => listenHere(LABEL, port, options, accept),
};

function start(command: string): Promise<RunningCommand> {
  return startProcess("/bin/sh", ["-c", command], LABEL);
}

/**
 * Starts a program here, in a new process group: Ctrl-C in the user's terminal does not reach it, and stopping it
 * stops all that it started.
 */
export function startProcess(
  file: string,
  args: readonly string[],
  host: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningCommand> {
  const child = spawn(file, args, {
    detached: true,
    stdio: "pipe",
    env: {
      ...process.env,
      PATH: searchPath(process.env["PATH"]),
      LC_ALL: "C",
      ...environment,
    },
  });
  const exited = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => {
      reject(new HostError("command", { host, step: `start ${file}`, detail: error.message }));
    });
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  // A command need not read what it is sent; that it did not shows in its exit code.
  for (const stream of [child.stdin, child.stdout, child.stderr])
    stream.on("error", () => undefined);
  const running: RunningCommand = {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    kill: once(() => {
      killGroup(child.pid, "SIGTERM");
      setTimeout(() => {
        killGroup(child.pid, "SIGKILL");
      }, FORCE_AFTER_MS);
    }),
  };
  return new Promise((resolve, reject) => {
    exited.catch(reject);
    child.once("spawn", () => {
      resolve(running);
    });
  });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nothing of the group is left, which is what was wanted.
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}

function connectFromHere(address: string, port: number, signal?: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const socket = connect({ host: address, port });
    const abort = (): void => {
      socket.destroy();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => {
      signal?.removeEventListener("abort", abort);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      signal?.removeEventListener("abort", abort);
      const code = error.code === "ETIMEDOUT" ? "timeout" : "unreachable";
      const step = `connect to ${address} port ${String(port)}`;
      const detail = error.message === "" ? (error.code ?? "failed") : error.message;
      reject(new HostError(code, { host: LABEL, step, detail }, { cause: error }));
    });
  });
}
