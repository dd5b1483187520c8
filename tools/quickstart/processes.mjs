/** Servers that go on running in the background, found again and ended by a later run. */
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Starts a server, and waits until it is ready.
 *
 * @returns what tells it from any other process later on
 */
export async function startServer({ name, command, args, env = {}, cwd, log, ready }) {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "a");
  // A session of its own: it outlives us, and no terminal's Ctrl-C reaches it.
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", output, output],
  });
  let failure;
  child.once("error", (error) => (failure = error.message));
  child.once("exit", (code, signal) => (failure = `ended with ${signal ?? `code ${code}`}`));
  for (let waited = 0; !(await ready()); waited += 50) {
    if (failure !== undefined || waited > 20_000) {
      stopGroup(child.pid, "SIGKILL");
      const last = readFileSync(log, "utf8").trimEnd().split("\n").slice(-5).join("\n");
      throw new Error(`${name} ${failure ?? "was not ready after 20 s"}:\n${last}`);
    }
    await sleep(50);
  }
  child.unref();
  return { pid: child.pid, startedAt: startOf(child.pid) };
}

/** Whether it is that very process which still runs: numbers are used again. */
export function isRunning(process) {
  return (
    process !== undefined && startOf(process.pid) === process.startedAt && isAlive(process.pid)
  );
}

/** Ends a server and what it started. */
export async function stopServer(process) {
  if (!isRunning(process)) return;
  stopGroup(process.pid, "SIGTERM");
  for (let waited = 0; isRunning(process) && waited < 3000; waited += 50) await sleep(50);
  stopGroup(process.pid, "SIGKILL");
}

/** Ends every process that was started with `name=value` in its environment, whoever its parent is now. */
export function killMarked(name, value) {
  for (const pid of readdirSafely("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const environment = readSafely(`/proc/${pid}/environ`)?.split("\0") ?? [];
    if (Number(pid) !== process.pid && environment.includes(`${name}=${value}`)) {
      signal(Number(pid), "SIGKILL");
    }
  }
}

/** Different free ports on the loopback interface. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host: "127.0.0.1", port: 0 }, () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => server.address().port);
  // All are held until the last is there: a port that was let go may be given out again.
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function stopGroup(pid, name) {
  if (pid !== undefined) signal(-pid, name);
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return fieldsOf(pid)?.[0] !== "Z";
  } catch {
    return false;
  }
}

/** When a process started, in the kernel's ticks; 0 where there is no /proc to ask. */
function startOf(pid) {
  return Number(fieldsOf(pid)?.[19] ?? 0);
}

/** The fields of /proc/PID/stat behind the name, which may itself hold spaces and parentheses. */
function fieldsOf(pid) {
  const stat = readSafely(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function readSafely(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readdirSafely(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
