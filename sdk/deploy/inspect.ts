/** What a host holds: contents by their sums, never by their times. */
import { randomBytes } from "node:crypto";

import { type Host, HostError, type HostErrorCode } from "../hosts";
import { singleLine } from "../util/text";
import type { FoundFile } from "./files";
import { BOOTSTRAP, INSPECTION, sendable } from "./program";
import { foundFile, inspectionRecords, unpack, wordsOf } from "./records";

/**
 * The files at `paths`, with what their directories' manifests say of them; what does not exist is not in the map.
 *
 * @throws {@link HostError} `permission` for a file that cannot be read, and whatever the way to the host brings.
 */
export async function readFiles(
  host: Host,
  paths: readonly string[],
  options: { signal?: AbortSignal } = {},
): Promise<Map<string, FoundFile>> {
  const tag = randomBytes(16).toString("hex");
  const stdin = sendable(INSPECTION) + inspectionRecords(tag, paths);
  const result = await host.run(BOOTSTRAP, { stdin, timeoutMs: 60_000, ...options });
  const answers = result.stdout.split("\n").flatMap((line) => {
    const words = wordsOf(line, tag);
    return words === undefined ? [] : [words];
  });
  const lacking = answers.find(([word]) => word === "lacks");
  if (lacking !== undefined) throw lacks(host, lacking);
  if (answers.at(-1)?.[0] !== "end" || answers.length !== paths.length + 1) {
    const detail = `exit code ${String(result.code)}: ${singleLine(result.stderr)}`;
    throw new HostError("command", { host: host.label, step: "read files", detail });
  }
  const found = new Map<string, FoundFile>();
  paths.forEach((path, index) => {
    const words = answers[index] ?? [];
    if (words[0] === "unreadable") {
      const why = singleLine(unpack(words[1]));
      throw new HostError(codeOf(why), { host: host.label, step: `read ${path}`, detail: why });
    }
    if (words[0] === "file") found.set(path, foundFile(path, words));
  });
  return found;
}

/** What kind of trouble a tool's words tell of. They are English: the hosts layer sees to that. */
export function codeOf(words: string): HostErrorCode {
  if (/no space left|quota exceeded|file too large|file size limit/i.test(words)) return "no-space";
  if (/permission denied|not permitted|read-only file system|must be root/i.test(words))
    return "permission";
  return "command";
}

export function lacks(host: Host, words: readonly string[]): HostError {
  const detail = `${words[1] ?? "a tool"} is missing there; install it`;
  return new HostError("command", { host: host.label, step: "look for tools", detail });
}
