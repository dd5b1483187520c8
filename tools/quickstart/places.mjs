/** Where the quickstart keeps what it makes: everything lies in one folder that git ignores. */
import { join } from "node:path";
import { cachedTools, inCache, onPath, repository } from "../setup/places.mjs";

export const folder = join(repository, ".quickstart");
export const stackSettings = join(repository, "Pulumi.quickstart.yaml");

export const inFolder = (...path) => join(folder, ...path);

/** A path as it is shown: relative to where the user stands. */
export const shown = (path) =>
  path.startsWith(`${process.cwd()}/`) ? path.slice(process.cwd().length + 1) : path;

/** A program that the setup's steps have made sure of. */
export function program(name) {
  // Ours of these; a distribution's Pebble is too old.
  const path = name.startsWith("pebble") ? inCache(name) : (onPath(name) ?? inCache(name));
  if (path === undefined) throw new Error(`${name} is not to be found`);
  return path;
}

/** The plugins of Node.js programs stand beside an installed CLI; beside one that we built, in the cache. */
export const pulumiPath = () =>
  [...(onPath("pulumi") === undefined ? [cachedTools] : []), process.env.PATH ?? ""].join(":");

/** As a person types it. */
export const pulumiCommand = () => (onPath("pulumi") === undefined ? program("pulumi") : "pulumi");
