/**
 * `npm test`: gets what is missing, then runs every check and every test, and says in the end what ran.
 *
 * `npm test -- test/unit/acme` runs only the tests whose paths contain that, without the other checks.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageChecks, sourceChecks } from "./checks.mjs";
import { runCommand, stopOnInterrupt } from "./commands.mjs";
import { isCi, repository } from "./setup/places.mjs";
import { setUp } from "./setup/setup.mjs";
import { packageSteps, bonusSteps, toolSteps } from "./setup/steps.mjs";
import { build } from "./setup/build.mjs";
import { Summary } from "./summary.mjs";
import { loadTypeScript } from "./typescript.mjs";

const filters = process.argv.slice(2);
const summary = new Summary();
const started = Date.now();
const work = join(repository, ".test");

/** Removes what interrupted tests leave; until they run there is nothing. */
let tidyUp = async () => {};

stopOnInterrupt(() => tidyUp());
await mkdir(work, { recursive: true });
const ready = await prepare();
if (ready) {
  if (filters.length === 0) await runChecks();
  await test();
}
summary.print(Date.now() - started);
// For .ci/run, whose last line has to come after all that npm says.
await writeFile(
  join(work, "totals.json"),
  JSON.stringify({ passed: summary.passed, failed: summary.failed }),
);
process.exitCode = summary.failed === 0 ? 0 : 1;

/** Without the packages nothing can run; without a tool only its tests cannot, and outside of CI they are skipped. */
async function prepare() {
  console.log("Setting up");
  const since = Date.now();
  try {
    await setUp(packageSteps);
    for (const step of toolSteps) await setUp([step]).catch(isCi ? undefined : lackTool);
    // The same tests run with what Debian has; these parts come from places that not every machine reaches.
    for (const step of bonusSteps) await setUp([step]).catch(lackTool);
    summary.step("setup", "packages and tools", true, Date.now() - since);
    return true;
  } catch (error) {
    console.error(error.message);
    summary.step("setup", "packages and tools", false, Date.now() - since);
    return false;
  }
}

function lackTool(error) {
  console.error(error.message);
  summary.note(`Left out, because it could not be set up: ${error.message}`);
}

async function runChecks() {
  console.log("Checking");
  const packed = (await compile()) ? await pack() : undefined;
  const queue = [...sourceChecks(), ...(packed === undefined ? [] : packageChecks(packed))];
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      await runCheck(check);
    }
  };
  await Promise.all([worker(), worker()]);
}

/** @param {import("./checks.mjs").Check} check */
async function runCheck({ name, what, command: [program = "", ...args], remedy }) {
  const since = Date.now();
  const { code, output } = await runCommand(program, args);
  const ok = code === 0;
  console.log(`  ${name}: ${ok ? "ok" : `FAILED\n${output.trimEnd()}`}`);
  if (!ok && remedy !== undefined) console.log(remedy);
  summary.step(name, what, ok, Date.now() - since);
}

async function compile() {
  const since = Date.now();
  const problem = await setUp([build]).then(
    () => undefined,
    (error) => error.message,
  );
  if (problem !== undefined) console.log(`  build: FAILED\n${problem}`);
  summary.step("build", "tsc", problem === undefined, Date.now() - since);
  return problem === undefined;
}

/** The package as it would be published; `undefined` where that fails. */
async function pack() {
  const folder = join(work, "pack");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const since = Date.now();
  const { code, output } = await runCommand("npm", [
    ...["pack", "--ignore-scripts", "--json", "--pack-destination", folder],
  ]);
  if (code !== 0) {
    console.log(`  package: FAILED\n${output}`);
    summary.step("package", "npm pack", false, Date.now() - since);
    return undefined;
  }
  return join(folder, JSON.parse(output.slice(output.indexOf("[")))[0].filename);
}

async function test() {
  console.log("Testing");
  const since = Date.now();
  const { runTests, tidyUpTests } = loadTypeScript("./vitest-run.ts");
  tidyUp = tidyUpTests;
  const { groups, problems, skipped, unsteady } = await runTests(filters);
  summary.total("tests", "vitest, in folders:", Date.now() - since);
  for (const [name, counts] of [...groups].sort()) summary.tests(name, counts);
  for (const problem of problems) summary.problem(problem);
  if (unsteady.length > 0) {
    summary.note(
      `Passed on their second try alone:\n${unsteady.map((title) => `  ${title}`).join("\n")}`,
    );
  }
  if (skipped.length > 0) {
    const list = `Skipped:\n${skipped.map((title) => `  ${title}`).join("\n")}`;
    // In CI nothing may be skipped.
    if (isCi) for (const title of skipped) summary.problem(`skipped in CI: ${title}`);
    else summary.note(list);
  }
}
