/** Where things lie: the repository, the cache outside of it, and programs on the PATH. */
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Tools that are built once and serve every clone. */
export const cache = process.env.PULUMI_ACME_CACHE ?? join(homedir(), ".cache", "pulumi-acme");
export const cachedTools = join(cache, "bin");

/** Nothing may be skipped, nobody is there to install anything by hand. */
export const isCi = !["", "false"].includes(process.env.CI ?? "");

/** A program on the PATH, or in the two folders of servers that a user's PATH often lacks. */
export function onPath(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin"];
  return folders
    .filter((folder) => folder !== "" && folder !== cachedTools)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** A program that we built. */
export function inCache(name) {
  const path = join(cachedTools, name);
  return isExecutable(path) ? path : undefined;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
