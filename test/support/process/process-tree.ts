/** Processes and what they started, for tests that end them the hard way. Linux; elsewhere only the process itself. */
import { readdirSync, readFileSync } from "node:fs";

/** Sends `signal` to a process and to all that descend from it; a process that is gone is fine. */
export function killTree(pid: number, signal: NodeJS.Signals): void {
  for (const each of [pid, ...descendants(pid)]) send(each, signal);
}

/** Sends `signal` to each of `pids`. */
export function killAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) send(pid, signal);
}

/** The processes below `root` in the tree. */
export function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allProcesses()) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const visit = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      visit(child);
    }
  };
  visit(root);
  return found;
}

/** The processes whose environment holds `NAME=value`: finds also those whose parent is gone. */
export function processesWithEnvironment(name: string, value: string): number[] {
  return allProcesses().filter((pid) =>
    read(`/proc/${String(pid)}/environ`)
      ?.split("\0")
      .includes(`${name}=${value}`),
  );
}

/** Whether `pid` is there and not a zombie. */
export function isAlive(pid: number): boolean {
  const state = fieldsAfterName(pid)?.[0];
  return state !== undefined && state !== "Z" && state !== "X";
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

function parentOf(pid: number): number | undefined {
  const parent = fieldsAfterName(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The fields of `/proc/PID/stat` behind the name, which may itself hold spaces and parentheses. */
function fieldsAfterName(pid: number): string[] | undefined {
  const stat = read(`/proc/${String(pid)}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function allProcesses(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
