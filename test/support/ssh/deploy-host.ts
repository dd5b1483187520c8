/** This machine as different hosts see it, and what lies in a folder, to the last inode. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

import type { Plan, PlannedFile } from "../../../sdk/deploy";
import { type Host, shellQuote } from "../../../sdk/hosts";
import { localHost } from "../../../sdk/hosts/local/host";
import { temporaryDirectory } from "../process/temp";
import { type Tool, toolPath } from "../process/tool-paths";

export interface Shell {
  readonly name: string;
  readonly needs: readonly Tool[];
  /** ksh93 cannot: a background job keeps ignoring what its parent ignores, whatever `trap -` says. */
  readonly restoresSignals?: false;
  /** @param folder - for tools of its own. */
  host(folder: string): Host;
}

/** Shells that are `/bin/sh` somewhere (Debian: dash); busybox with its own tools instead of the GNU ones. */
export const SHELLS: readonly Shell[] = [
  { name: "/bin/sh", needs: [], host: () => localHost },
  { name: "bash --posix", needs: ["bash"], host: () => through("exec bash --posix -c") },
  {
    name: "ksh93",
    needs: ["ksh93"],
    host: () => through("exec ksh93 -c"),
    restoresSignals: false,
  },
  { name: "mksh", needs: ["mksh"], host: () => through("exec mksh -c") },
  {
    name: "busybox",
    needs: ["busybox"],
    host: (folder) => {
      execFileSync(toolPath("busybox"), ["--install", "-s", folder]);
      const path = `PATH=${shellQuote(folder)}; export PATH`;
      return through(`${path}; exec ${shellQuote(join(folder, "sh"))} -c`);
    },
  },
];

/** This machine with another shell. */
export function through(shell: string): Host {
  const wrap = (command: string): string => `${shell} ${shellQuote(command)}`;
  return {
    ...localHost,
    run: (command, options) => localHost.run(wrap(command), options),
    converse: (command, options) => localHost.converse(wrap(command), options),
  };
}

/** Every name below `folder`: a link with its target, a file with mode, owner, inode, times and sum. */
export async function snapshot(folder: string): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  const names = await readdir(folder, { recursive: true });
  for (const name of names.sort()) entries[name] = await describeEntry(join(folder, name));
  return entries;
}

async function describeEntry(path: string): Promise<string> {
  const facts = await lstat(path);
  const mode = (facts.mode & 0o7777).toString(8);
  if (facts.isSymbolicLink()) return `-> ${await readlink(path)}`;
  if (facts.isDirectory()) return `directory ${mode}`;
  // What is read from a pipe is gone for whom it was meant for.
  if (!facts.isFile()) return `special ${mode}`;
  const sum = createHash("sha256").update(await readFile(path));
  const owner = `${String(facts.uid)}:${String(facts.gid)}`;
  const identity = `inode ${String(facts.ino)}, modified ${String(facts.mtimeMs)}`;
  return `${mode} ${owner}, ${identity}, ${sum.digest("hex")}`;
}

export function file(path: string, content: string, more: Partial<PlannedFile> = {}): PlannedFile {
  return { path, content: Buffer.from(content), mode: "0644", ...more };
}

/** What a deployment says. */
export interface Listener {
  readonly warnings: string[];
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
}

export function listener(): Listener {
  const warnings: string[] = [];
  return {
    warnings,
    progress: () => undefined,
    warn: (message) => warnings.push(message),
  };
}

/** A certificate's two files in `folder`, at a version that stands in their content. */
export function planIn(folder: string, version: string, more: Partial<Plan> = {}): Plan {
  const directory = join(folder, "ssl", "site");
  return {
    resource: "first",
    directory,
    files: [
      file(join(directory, "fullchain.pem"), `chain ${version}\n`),
      file(join(directory, "privkey.pem"), `key ${version}\n`, { mode: "0600" }),
    ],
    ...more,
  };
}

/** A command that leaves a line in a log for each run. */
export function logged(log: string, then = "true"): { command: string; runs(): Promise<number> } {
  return {
    command: `echo run >>${shellQuote(log)}; ${then}`,
    runs: async () => (await readFile(log, "utf8").catch(() => "")).split("\n").length - 1,
  };
}

/** A folder for the files of a test, with a blank, quotes and a dollar in its path, and one beside for the rest. */
export async function places(): Promise<{
  folder: string;
  beside: string;
  remove(): Promise<void>;
}> {
  const temporary = await temporaryDirectory("deploy-");
  const folder = join(temporary.path, "a 'b' $HOME");
  const beside = join(temporary.path, "beside");
  await mkdir(folder);
  await mkdir(beside);
  return { folder, beside, remove: temporary.remove };
}
