/** `dist/`, compiled from `sdk/`. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runCommand } from "../commands.mjs";
import { pruneDeclarations } from "./declarations.mjs";
import { repository } from "./places.mjs";

const output = join(repository, "dist");
// Not in dist/, which is published as a whole.
const stamp = join(repository, "node_modules", ".cache", "pulumi-acme-build");

export const build = {
  title: "Compiling sdk/ into dist/",
  usually: "5 seconds",
  remedy: "`npx tsc -p tsconfig.build.json`, and mend what it names",
  isDone: () =>
    existsSync(join(output, "index.js")) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === sourceHash(),
  perform: async () => {
    const hash = sourceHash();
    // Beside dist/ and renamed: no half-written build is ever used, and no file of a deleted source stays.
    const fresh = `${output}.${randomUUID().slice(0, 8)}`;
    const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
    const { code, output: messages } = await runCommand(process.execPath, [
      compiler,
      ...["-p", "tsconfig.build.json", "--outDir", fresh],
    ]);
    if (code !== 0) {
      await rm(fresh, { recursive: true, force: true });
      throw new Error(messages);
    }
    await pruneDeclarations(fresh);
    for (const path of sources(".sh")) {
      await mkdir(dirname(join(fresh, path)), { recursive: true });
      await copyFile(join(repository, "sdk", path), join(fresh, path));
    }
    await rm(output, { recursive: true, force: true });
    await rename(fresh, output);
    await mkdir(join(stamp, ".."), { recursive: true });
    await writeFile(stamp, hash);
  },
};

/** Contents and names of all that the build depends on. */
function sourceHash() {
  const hash = createHash("sha256");
  const inputs = [...sources(".ts"), ...sources(".sh")].map((path) => join("sdk", path));
  for (const path of [...inputs, "tsconfig.json", "tsconfig.build.json", "package-lock.json"]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(repository, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** Paths below `sdk/` whose names end with `ending`, sorted. */
function sources(ending) {
  return readdirSync(join(repository, "sdk"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .sort();
}
