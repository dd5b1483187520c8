/** Loads pieces of the built package, which is what is measured: `dist/`, not the sources. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const load = createRequire(__filename);

/** The repository's folder, wherever this file was compiled to. */
export const repository = dirname(load.resolve("pulumi-acme/package.json"));

/** A file of `dist/`; the caller knows its type from the source of the same name. */
export function built(path: string): unknown {
  return load(join(repository, "dist", path));
}
