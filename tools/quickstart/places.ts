/** Where the quickstart keeps what it makes: everything lies in one folder that git ignores. */
import { join, resolve } from "node:path";
import { isBuiltHere, toolCache, toolPath } from "../../test/support/process/tool-paths";

export const repository = resolve(__dirname, "..", "..");
export const folder = join(repository, ".quickstart");
export const stackSettings = join(repository, "Pulumi.quickstart.yaml");

export const inFolder = (...path: string[]): string => join(folder, ...path);

/** A path as it is shown: relative to where the user stands. */
export function shown(path: string): string {
  return path.startsWith(`${process.cwd()}/`) ? path.slice(process.cwd().length + 1) : path;
}

/** The plugins of Node.js programs stand beside an installed CLI; beside one that we built, in the cache. */
export function pulumiPath(): string {
  const path = process.env["PATH"] ?? "";
  return isBuiltHere(toolPath("pulumi")) ? `${join(toolCache, "bin")}:${path}` : path;
}

/** As a person types it. */
export function pulumiCommand(): string {
  const pulumi = toolPath("pulumi");
  return isBuiltHere(pulumi) ? pulumi : "pulumi";
}
