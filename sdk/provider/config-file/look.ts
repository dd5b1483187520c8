/** What lies at the path of a configuration file: whose it is, and whether it is as it was left. */
import { type FoundFile, readFiles, type StoredFile } from "../../deploy";
import { type Host, HostError } from "../../hosts";
import { shellQuote } from "../../hosts/command/shell";
import { singleLine } from "../../util/text";
import { type Owner, ownerOf } from "./first-line";
import type { ConfigFile } from "./state";

export interface FoundConfig {
  /** Whose it is, if it is one of ours. */
  readonly owner: Owner | undefined;
  readonly file: FoundFile;
}

/** Where a first line of ours ends at the latest. */
const MAX_FIRST_LINE = 2000;

export async function lookAtFile(
  host: Host,
  { path, commentPrefix }: Pick<ConfigFile, "path" | "commentPrefix">,
  signal: AbortSignal,
): Promise<FoundConfig | "absent"> {
  const { code, stdout, stderr } = await host.run(firstLineScript(path), { signal });
  if (code !== 0) {
    const detail = singleLine(stderr) === "" ? `exit code ${String(code)}` : singleLine(stderr);
    const kind = /permission denied/i.test(stderr) ? "permission" : "command";
    throw new HostError(kind, { host: host.label, step: `read ${path}`, detail, exitCode: code });
  }
  const file = (await readFiles(host, [path], { signal })).get(path);
  if (file === undefined || !stdout.startsWith("file ")) return "absent";
  const [first = ""] = stdout.slice("file ".length).split("\n", 1);
  return { owner: ownerOf(first) ?? recordedOwner(file, commentPrefix), file };
}

function firstLineScript(path: string): string {
  const file = shellQuote(path);
  return `
[ -e ${file} ] || [ -L ${file} ] || exit 0
[ -r ${file} ] || { echo "permission denied" >&2; exit 1; }
printf 'file '
head -c ${String(MAX_FIRST_LINE)} ${file} 2>/dev/null | head -n 1
`;
}

/**
 * Whom the manifest names. Where a first line should say it and does not, somebody may have put another file there: the manifest counts as
 * long as nobody changed what was written.
 */
function recordedOwner({ entry, sha256 }: FoundFile, prefix: ConfigFile["commentPrefix"]) {
  if (entry === undefined || (prefix !== false && entry.sha256 !== sha256)) return undefined;
  return { token: entry.resource, urn: entry.urn };
}

/** In words: how the file differs from what was left there, if it does. */
export function driftOf(
  found: FoundConfig | "absent",
  path: string,
  ownerId: string,
  stored: StoredFile | undefined,
): string[] | undefined {
  if (found === "absent") return [`${path} is gone`];
  if (found.owner?.token !== ownerId) return [`${path} was replaced by another file`];
  const { sha256, mode, owner, group, entry } = found.file;
  // Before states had `stored`, the manifest alone knew.
  const written = stored?.sha256 ?? entry?.sha256;
  const words = [
    ...(sha256 === written ? [] : ["was changed on the host"]),
    ...differences({ mode, owner, group }, stored),
  ];
  return words.length === 0 ? undefined : words.map((word) => `${path} ${word}`);
}

function differences(
  { mode, owner, group }: Pick<StoredFile, "mode" | "owner" | "group">,
  stored: StoredFile | undefined,
): string[] {
  if (stored === undefined) return [];
  return [
    ...(mode === stored.mode ? [] : [`has mode ${mode}, not ${stored.mode}`]),
    ...(owner === stored.owner ? [] : [`belongs to ${owner}, not ${stored.owner}`]),
    ...(group === stored.group ? [] : [`has the group ${group}, not ${stored.group}`]),
  ];
}
