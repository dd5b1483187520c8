/**
 * `npm run bench`: gets what is missing, builds, compiles `bench/`, and runs it.
 *
 * `npm run bench -- issuing` runs one part alone: `issuing`, `dns`, `dns-service`, `no-op`, `loading` or `fleet`. `npm run bench -- no-op --against ../other`
 * measures the certificates of another built checkout as well.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, runCommand, stopOnInterrupt } from "./commands.mjs";
import { build } from "./setup/build.mjs";
import { repository } from "./setup/places.mjs";
import { setUp } from "./setup/setup.mjs";
import { engineSteps, packageSteps } from "./setup/steps.mjs";

const output = join(repository, ".cache", "bench");

stopOnInterrupt();
try {
  await setUp([...packageSteps, ...engineSteps, build]);
  await compile();
  const main = join(output, "bench", "bench.js");
  const { code } = await runCommand(process.execPath, [main, ...process.argv.slice(2)], {
    live: true,
  });
  process.exitCode = code;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function compile() {
  await rm(output, { recursive: true, force: true });
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  await mustRun(process.execPath, [compiler, "-p", join(repository, "bench")]);
}
