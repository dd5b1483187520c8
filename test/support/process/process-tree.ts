/** Processes and what they started, for those who end them the hard way. Linux; elsewhere only the process itself. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Tells a process from every other one, also for a later run: numbers are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In the kernel's ticks; 0 where there is no /proc to ask. */
  readonly startedAt: number;
}

/** Sends `signal` to a process and to all that descend from it; a process that is gone is fine. */
export function killTree(pid: number, signal: NodeJS.Signals): void {
  for (const each of [pid, ...descendants(pid)]) send(each, signal);
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: Number(fieldsAfterName(pid)?.[19] ?? 0) };
}

export function isRunning(known: ProcessIdentity | undefined): known is ProcessIdentity {
  return (
    known !== undefined && isAlive(known.pid) && identify(known.pid).startedAt === known.startedAt
  );
}

/** Ends that very process and what it started; it gets a moment to do so by itself. */
export async function endProcess(known: ProcessIdentity | undefined): Promise<void> {
  if (!isRunning(known)) return;
  killTree(known.pid, "SIGTERM");
  for (let waited = 0; isRunning(known) && waited < 3000; waited += 50) await sleep(50);
  if (isRunning(known)) killTree(known.pid, "SIGKILL");
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

/** The processes on whose command line `text` stands. */
export function processesWithArgument(text: string): number[] {
  return allProcesses().filter((pid) => commandLine(pid).includes(text));
}

/** What other processes show to everybody on this machine: their command lines and, to their own user, environments. */
export function visibleTexts(): string[] {
  return allProcesses()
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) => [commandLine(pid), read(`/proc/${String(pid)}/environ`) ?? ""])
    .map((text) => text.replaceAll("\0", " "));
}

export function commandLine(pid: number): string {
  return (read(`/proc/${String(pid)}/cmdline`) ?? "").replaceAll("\0", " ").trim();
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
