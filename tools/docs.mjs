/**
 * `npm run docs`: gets what is missing, and builds `site/`: the documents, the examples' READMEs, and a reference of the API from the
 * docstrings. Static files with a search, for any web server. A link between pages that leads nowhere is an error.
 */
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { mustRun, stopOnInterrupt } from "./commands.mjs";
import { repository } from "./setup/places.mjs";
import { setUp } from "./setup/setup.mjs";
import { packageSteps } from "./setup/steps.mjs";
import { collectPages } from "./site/pages.mjs";

const output = resolve(repository, process.argv[2] ?? "site");
// In the repository: what builds the pages is found in its node_modules.
const pages = join(repository, ".cache", `site-${process.pid}`);
const bin = (name) => join(repository, "node_modules", ".bin", name);

stopOnInterrupt();
try {
  await setUp(packageSteps);
  await collectPages(pages);
  const options = join("tools", "site", "typedoc.json");
  const reference = join(pages, "reference");
  await mustRun(bin("typedoc"), [
    "--options",
    options,
    "--out",
    reference,
    ...(await entryPoints()),
  ]);
  await mustRun(bin("vitepress"), ["build", pages, "--outDir", output]);
  console.log(`The site is in ${output}.`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(pages, { recursive: true, force: true });
}

/** What users import, as sources. `pulumi-acme/provider` is for the engine alone. */
async function entryPoints() {
  const manifest = await readFile(join(repository, "package.json"), "utf8");
  return Object.entries(JSON.parse(manifest).exports)
    .filter(([name, { types }]) => types !== undefined && name !== "./provider")
    .map(([, { types }]) => types.replace("./dist/", "sdk/").replace(".d.ts", ".ts"));
}
