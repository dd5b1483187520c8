/**
 * `npm run docs`: gets what is missing, and builds `site/`: the documents, the examples' READMEs, and a reference of the API from the
 * docstrings. Static files with a search, for any web server. A link between pages that leads nowhere is an error.
 */
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCommand, stopOnInterrupt } from "./commands.mjs";
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
  await run("typedoc", [
    "--options",
    join("tools", "site", "typedoc.json"),
    "--out",
    join(pages, "reference"),
  ]);
  await run("vitepress", ["build", pages, "--outDir", output]);
  console.log(`The site is in ${output}.`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(pages, { recursive: true, force: true });
}

async function run(program, args) {
  const { code, output: messages } = await runCommand(bin(program), args);
  if (code !== 0) throw new Error(messages);
}
