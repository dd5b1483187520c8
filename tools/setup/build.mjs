/** `dist/`, compiled from `sdk/`. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
    await rm(output, { recursive: true, force: true });
    await rename(fresh, output);
    await mkdir(join(stamp, ".."), { recursive: true });
    await writeFile(stamp, hash);
  },
};

/** Contents and names of all that the build depends on. */
function sourceHash() {
  const hash = createHash("sha256");
  const sources = readdirSync(join(repository, "sdk"), { recursive: true })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join("sdk", path))
    .sort();
  for (const path of [...sources, "tsconfig.json", "tsconfig.build.json", "package-lock.json"]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(repository, path)))
      .update("\0");
  }
  return hash.digest("hex");
}
