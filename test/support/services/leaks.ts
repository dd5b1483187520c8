/** Where a private key shows while it is deployed: processes, arguments of short-lived programs, files, logs and messages. */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { visibleTexts } from "../process/process-tree";
import type { Bench, Place } from "./service-test";

const recordIn = ({ folder }: Place): string => join(folder, "arguments");

/**
 * A folder for the search path, where `programs` write their arguments and environment down before they run: one that runs for some
 * milliseconds is seldom seen in a sample.
 */
export async function recorders(place: Place, programs: readonly string[]): Promise<string> {
  const folder = join(place.folder, "recorders");
  await mkdir(folder);
  for (const name of programs) {
    const real = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    const record = `{ echo "${name} $*"; env; } >>${recordIn(place)}`;
    const text = `#!/bin/sh\n${record}\nexec ${real} "$@"\n`;
    await writeFile(join(folder, name), text, { mode: 0o755 });
  }
  return folder;
}

export interface Watched {
  /** Where the key was seen. */
  readonly leaks: readonly string[];
  /** What {@link recorders} wrote. */
  readonly recorded: string;
}

/** Looks at processes and files again and again while `work` runs; then for the key that lies in the file `key` by then. */
export async function watch(
  { place, log, run }: Bench,
  key: string,
  work: () => Promise<unknown>,
): Promise<Watched> {
  const temporary = join(place.folder, "tmp");
  await mkdir(temporary, { recursive: true });
  const former = process.env["TMPDIR"];
  process.env["TMPDIR"] = temporary;
  const seen = new Map<string, string>();
  const isOver = new AbortController();
  const looking = look(seen, place.folder, temporary, isOver.signal);
  try {
    await work();
  } finally {
    isOver.abort();
    await looking;
    if (former === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = former;
  }
  const recorded = await readFile(recordIn(place), "utf8");
  seen.set("recorded arguments", recorded);
  seen.set("log", log());
  seen.set("messages", run.warnings().join("\n"));
  const words = formsOf(await readFile(key, "utf8"));
  const leaks = [...seen].filter(([, text]) => words.some((word) => text.includes(word)));
  return { leaks: leaks.map(([where]) => where), recorded };
}

async function look(
  seen: Map<string, string>,
  folder: string,
  temporary: string,
  isOver: AbortSignal,
): Promise<void> {
  do {
    // Looking stops everything else here.
    await sleep(30);
    for (const text of visibleTexts()) seen.set(`process: ${text}`, text);
    // A folder may go away while it is read: the next look comes at once.
    for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
      const path = join(folder, name);
      const facts = await stat(path).catch(() => undefined);
      const isForOthers = ((facts?.mode ?? 0) & 0o004) !== 0 || path.startsWith(temporary);
      // What is read from a pipe is gone for whom it was meant for.
      if (facts?.isFile() !== true || !isForOthers) continue;
      const text = await readFile(path, "utf8").catch(() => "");
      seen.set(`${path} of ${String(facts.mtimeMs)}`, text);
    }
  } while (!isOver.aborted);
}

/** The middle of the key, as it is and as the host gets it. */
function formsOf(file: string): string[] {
  const at = file.indexOf("PRIVATE KEY-----\n") + 100;
  const inBase64 = Buffer.from(file).toString("base64");
  return [
    file.slice(at, at + 40).split("\n")[0] ?? "",
    inBase64.slice((at * 4) / 3, (at * 4) / 3 + 40),
  ];
}
