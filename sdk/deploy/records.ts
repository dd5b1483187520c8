/** The lines between us and the program on the host. Pure. */
import {
  type FoundFile,
  fullMode,
  type Plan,
  type PlannedFile,
  specificationOf,
  splitPath,
  type StoredFile,
} from "./files";
import { sha256Of } from "../util/sha256";
import { singleLine } from "../util/text";

/** How long, in seconds, the program waits: for other runs and our words, for `test`, for `reload`, for the verdict. */
export interface Patience {
  readonly others: number;
  readonly test: number;
  readonly reload: number;
  readonly verdict: number;
}

export interface Run {
  /** First word of every line that the program says: unguessable, so that no other output is taken for one. */
  readonly tag: string;
  /** Part of the names of what it makes on the disk. */
  readonly nonce: string;
}

/** All that the program is told before it switches. `claims` are paths that only change hands. */
export function transactionRecords(
  run: Run,
  plan: Plan,
  options: { claims: ReadonlySet<string>; verify: boolean; patience: Patience },
): string {
  const { others, test, reload, verdict } = options.patience;
  const lines = [
    `begin ${run.tag} ${run.nonce} ${plan.resource}${plan.urn === undefined ? "" : ` ${pack(plan.urn)}`}`,
    `patience ${[others, test, reload, verdict].map(String).join(" ")}`,
  ];
  for (const { program, package: name } of plan.needs ?? [])
    lines.push(`needs ${pack(program)} ${pack(name)}`);
  const written = plan.files.filter(({ path }) => !options.claims.has(path));
  const together = written.some(({ path }) => splitPath(path).directory === plan.directory);
  if (plan.directory !== undefined && together) lines.push(`together ${pack(plan.directory)}`);
  for (const file of sorted(plan.files)) {
    if (options.claims.has(file.path)) {
      lines.push(`claim ${packPath(file.path)} ${sha256Of(file.content)} ${specificationOf(file)}`);
    } else {
      lines.push(...fileRecord(file));
    }
  }
  for (const path of [...(plan.remove ?? [])].sort()) lines.push(`remove ${packPath(path)}`);
  for (const { user, path } of plan.readable ?? [])
    lines.push(`readable ${pack(user)} ${pack(path)}`);
  if (plan.test !== undefined) lines.push(`test ${pack(plan.test)}`);
  if (plan.reload !== undefined) lines.push(`reload ${pack(plan.reload)}`);
  lines.push(`end ${options.verify ? "verify" : "trust"}`);
  return `${lines.join("\n")}\n`;
}

export function inspectionRecords(tag: string, paths: readonly string[]): string {
  return [`begin ${tag}`, ...paths.map((path) => `look ${packPath(path)}`), "end", ""].join("\n");
}

/* By directory: they are locked in the order in which they are named. */
function sorted(files: readonly PlannedFile[]): PlannedFile[] {
  const key = ({ path }: PlannedFile): string => splitPath(path).directory;
  return [...files].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function fileRecord(file: PlannedFile): string[] {
  const words = [
    "file",
    packPath(file.path),
    file.mode,
    ownership(file),
    sha256Of(file.content),
    specificationOf(file),
    file.acl === undefined || file.acl.length === 0 ? "-" : pack(file.acl.join(",")),
  ];
  const content = Buffer.from(file.content).toString("base64");
  return [words.join(" "), ...(content.match(/.{1,76}/g) ?? []), "."];
}

/** For `chown`: `owner`, `owner:group` or `:group`. */
function ownership({ owner, group }: PlannedFile): string {
  if (owner === undefined && group === undefined) return "-";
  return pack(group === undefined ? (owner ?? "") : `${owner ?? ""}:${group}`);
}

function pack(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

function packPath(path: string): string {
  const { directory, name } = splitPath(path);
  return `${pack(directory)} ${pack(name)}`;
}

export function unpack(word: string | undefined): string {
  return word === undefined || word === "-" ? "" : Buffer.from(word, "base64").toString("utf8");
}

/** The words of one of the program's lines, without the tag; `undefined` for a line that is not its. */
export function wordsOf(line: string, tag: string): string[] | undefined {
  const [first, ...words] = line.trimEnd().split(" ");
  return first === tag ? words : undefined;
}

/** `file SHA256 MODE UID GID OWNER GROUP [RESOURCE[/URN] SHA256 SPECIFICATION FACTS]` */
export function foundFile(path: string, words: readonly string[]): FoundFile {
  const [, sha256 = "", mode = "", uid = "", gid = "", owner, group, ...entry] = words;
  const [holder, recordedSum, specification, facts] = entry;
  return {
    path,
    sha256,
    mode: fullMode(mode),
    owner: unpack(owner),
    group: unpack(group),
    facts: `${mode}/${uid}/${gid}`,
    ...(holder !== undefined &&
      recordedSum !== undefined &&
      specification !== undefined &&
      facts !== undefined && {
        entry: { ...holderOf(holder), sha256: recordedSum, specification, facts },
      }),
  };
}

/** `RESOURCE` or `RESOURCE/URN` of a manifest. */
export function holderOf(word: string): { resource: string; urn: string | undefined } {
  const [resource = "", ...urn] = word.split("/");
  return { resource, urn: urn.length === 0 ? undefined : singleLine(unpack(urn.join("/"))) };
}

/** `file PATH SHA256 MODE OWNER GROUP` */
export function storedFile(words: readonly string[]): StoredFile {
  const [, path, sha256 = "", mode = "", owner, group] = words;
  return {
    path: unpack(path),
    sha256,
    mode: fullMode(mode),
    owner: unpack(owner),
    group: unpack(group),
  };
}
