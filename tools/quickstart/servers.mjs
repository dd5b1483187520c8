/** The quickstart's servers as a whole: those that run are used, the others are started. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { nginxServer } from "./nginx.mjs";
import { dnsServer, pebbleServer, rememberRoot } from "./pebble.mjs";
import { folder, inFolder } from "./places.mjs";
import { freePorts, isRunning, startServer, stopServer } from "./processes.mjs";
import { sshServer } from "./sshd.mjs";

const record = inFolder("servers.json");
const portNames = ["api", "management", "dns", "dnsManagement", "ssh", "http", "https"];
const servers = { dns: dnsServer, pebble: pebbleServer, sshd: sshServer, nginx: nginxServer };

/** @returns the ports, and which servers had to be started */
export async function startServers() {
  // 0755: sshd reads authorized keys as the user who logs in.
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const known = await recorded();
  const running = Object.keys(servers).filter((name) => isRunning(known.processes[name]));
  if (running.length === Object.keys(servers).length) return { ports: known.ports, started: [] };
  // The ports of the last time, so that nothing changes in the stack; new ones where somebody took them meanwhile.
  try {
    return await startMissing(known);
  } catch (error) {
    if (known.ports === undefined || !/address already in use/i.test(error.message)) throw error;
    await stopServers();
    return startMissing({ processes: {} });
  }
}

export async function stopServers() {
  const { ports, processes } = await recorded();
  for (const process of Object.values(processes)) await stopServer(process);
  if (ports !== undefined) await save({ ports, processes: {} });
}

async function startMissing(known) {
  const ports = known.ports ?? (await somePorts());
  const processes = { ...known.processes };
  const started = [];
  for (const [name, describe] of Object.entries(servers)) {
    if (isRunning(processes[name])) continue;
    processes[name] = await startServer(await describe(ports));
    // At once: an interruption must find what is to be ended.
    await save({ ports, processes });
    started.push(name);
    if (name === "pebble") await rememberRoot(ports);
  }
  return { ports, started };
}

async function somePorts() {
  const ports = await freePorts(portNames.length);
  return Object.fromEntries(portNames.map((name, index) => [name, ports[index]]));
}

async function recorded() {
  try {
    return JSON.parse(await readFile(record, "utf8"));
  } catch {
    return { processes: {} };
  }
}

function save(content) {
  return writeFile(record, `${JSON.stringify(content, null, 2)}\n`);
}
