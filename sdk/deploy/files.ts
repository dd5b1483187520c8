/** What is written where, and what was found there: the types of this folder, and their pure parts. */
import { posix } from "node:path";

import { sha256Of } from "../util/sha256";
import type { Requirement } from "./services/preset";
import type { ServiceCommand } from "./services/together";

/** A file as it shall be. */
export interface PlannedFile {
  /** Absolute and plain: no `..`, no control characters. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Octal: `"0644"`. */
  readonly mode: string;
  /** A name or a number; absent: whoever writes it. */
  readonly owner?: string;
  readonly group?: string;
  /** Entries for `setfacl -m`. */
  readonly acl?: readonly string[];
}

export interface Plan {
  /** Who owns the files, in the manifest on the host: opaque, of letters, digits and hyphens. */
  readonly resource: string;
  /** Its URN: the manifest tells others whose files they take over. */
  readonly urn?: string | undefined;
  readonly files: readonly PlannedFile[];
  /** Files directly in it switch together. */
  readonly directory?: string;
  /** Removed in the same switch where the manifest says that they are `resource`'s and nobody changed them. */
  readonly remove?: readonly string[];
  /** Users that must be able to read a file once it is in use. */
  readonly readable?: readonly { readonly user: string; readonly path: string }[];
  /** Programs without which nothing is written. */
  readonly needs?: readonly Requirement[] | undefined;
  /** A shell command on the host, after the switch and before `reload`; its failure undoes the switch. */
  readonly test?: string | undefined;
  readonly reload?: string | undefined;
  /** What `reload` is made of, where it is not the user's. */
  readonly reloads?: readonly ServiceCommand[] | undefined;
}

/** A file as it was found. */
export interface StoredFile {
  readonly path: string;
  readonly sha256: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** What the manifest in a file's directory says of it. */
export interface ManifestEntry {
  readonly resource: string;
  readonly urn?: string | undefined;
  readonly sha256: string;
  /** Of what was asked for beside the content; see {@link specificationOf}. */
  readonly specification: string;
  /** `MODE/UID/GID` as they came out. */
  readonly facts: string;
}

export interface FoundFile extends StoredFile {
  /** `MODE/UID/GID`, to compare with the manifest's. */
  readonly facts: string;
  readonly entry?: ManifestEntry;
}

/** A short name for mode, owner and access list as they were asked for: names and numbers are not compared with what they became. */
export function specificationOf(file: PlannedFile): string {
  const wanted = [file.mode, file.owner ?? "", file.group ?? "", ...(file.acl ?? [])];
  return sha256Of(JSON.stringify(wanted)).slice(0, 16);
}

export function splitPath(path: string): { directory: string; name: string } {
  return { directory: posix.dirname(path), name: posix.basename(path) };
}

/** Every directory in which `plan` touches a file, sorted: whoever locks them in this order waits for nobody who waits for him. */
export function directoriesOf(plan: Plan): string[] {
  const paths = [...plan.files.map(({ path }) => path), ...(plan.remove ?? [])];
  return [...new Set(paths.map((path) => splitPath(path).directory))].sort();
}

/** Whether the host holds `file` as asked for, whoever wrote it. */
export function isHeld(file: PlannedFile, found: FoundFile | undefined): boolean {
  if (found?.entry === undefined) return false;
  const sum = sha256Of(file.content);
  return (
    found.sha256 === sum &&
    found.entry.sha256 === sum &&
    found.entry.specification === specificationOf(file) &&
    found.entry.facts === found.facts
  );
}

const STAND_IN = "self-signed-";

/** The name in manifests of a resource whose files give way to any other's: a self-signed certificate until there is a real one. */
export function standInOf(resource: string): string {
  return `${STAND_IN}${resource}`;
}

export function isStandIn(resource: string): boolean {
  return resource.startsWith(STAND_IN);
}

/** Whose a file is, for people. */
export function ownerIn({ urn }: Pick<ManifestEntry, "urn">): string {
  return urn ?? "another resource";
}

/** `"0644"`, of `"644"`. */
export function fullMode(mode: string): string {
  return mode.padStart(4, "0");
}
