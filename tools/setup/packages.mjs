/** The npm packages of package-lock.json, and this package under its own name. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../commands.mjs";
import { repository } from "./places.mjs";

const modules = join(repository, "node_modules");

export const npmPackages = {
  title: "Installing the npm packages",
  usually: "half a minute",
  remedy: "`npm ci` in the repository's folder",
  isDone: () => {
    const wanted = lockedVersions(join(repository, "package-lock.json"));
    // npm writes this one last: after an interruption it is missing.
    const present = lockedVersions(join(modules, ".package-lock.json"));
    return (
      wanted.size > 0 &&
      [...wanted].every(([path, { version, optional }]) => {
        const there = present.get(path);
        return there === undefined ? optional : there.version === version;
      })
    );
  },
  perform: async () => {
    const { code, output } = await runCommand("npm", ["ci"]);
    // npm goes on with a page about its usage.
    if (code !== 0) throw new Error(output.split("\n").slice(0, 20).join("\n"));
  },
};

/** What the program and the provider's loader text import; npm does not link a package into itself, and removes such a link when it installs. */
export const selfLink = {
  title: "Linking node_modules/pulumi-acme to this repository",
  usually: "no time",
  remedy: "`ln -sfn .. node_modules/pulumi-acme`",
  isDone: () => {
    const link = join(modules, "pulumi-acme");
    return existsSync(link) && realpathSync(link) === realpathSync(repository);
  },
  perform: async () => {
    const link = join(modules, "pulumi-acme");
    await mkdir(modules, { recursive: true });
    await rm(link, { recursive: true, force: true });
    await symlink("..", link, "dir");
  },
};

/** Path in node_modules → version; a package for another platform may be absent. */
function lockedVersions(file) {
  if (!existsSync(file)) return new Map();
  const { packages } = JSON.parse(readFileSync(file, "utf8"));
  return new Map(
    Object.entries(packages)
      .filter(([path]) => path !== "")
      .map(([path, { version, optional, peer, devOptional }]) => [
        path,
        { version, optional: optional === true || devOptional === true || peer === true },
      ]),
  );
}
