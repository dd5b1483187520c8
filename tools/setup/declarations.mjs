/**
 * Removes the declaration files that no entry point leads to.
 *
 * `exports` keeps those modules from everybody, so their types serve nobody; and what remains has to be readable by the
 * TypeScript 3.8 that Pulumi brings, which all of the sources need not be.
 */
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { repository } from "./places.mjs";

export async function pruneDeclarations(build) {
  const all = new Set(
    readdirSync(build, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".d.ts"),
    ),
  );
  const kept = new Set();
  const keep = (path) => {
    if (kept.has(path) || !all.has(path)) return;
    kept.add(path);
    const text = readFileSync(join(build, path), "utf8");
    for (const [, specifier = ""] of text.matchAll(
      /\b(?:from|import)\s*\(?\s*["'](\.[^"']*)["']/g,
    )) {
      const target = join(dirname(path), specifier).replace(/\.js$/, "");
      keep(`${target}.d.ts`);
      keep(join(target, "index.d.ts"));
    }
  };
  for (const entry of entryPoints()) keep(entry);
  for (const path of all) if (!kept.has(path)) await rm(join(build, path));
}

/** The `types` of package.json's exports, relative to dist/. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  return Object.values(exports)
    .map(({ types }) => types)
    .filter((types) => types !== undefined)
    .map((types) => types.replace("./dist/", ""));
}
