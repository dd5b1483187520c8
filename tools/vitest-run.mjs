/** Runs vitest and reads what it found. */
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { runCommand } from "./commands.mjs";
import { endLeftovers, findLeftovers, runVariable } from "./leftovers.mjs";
import { repository } from "./setup/places.mjs";

/** Removes what an interrupted run would leave; set while one is under way. */
let tidyUp = async () => {};
export const tidyUpTests = () => tidyUp();

/**
 * Runs the tests whose paths contain one of `filters` (all, if there is none), in a temporary folder of their own.
 * Gives `groups` (folder of tests → counts), `problems` (what failed and is no test case), `skipped` and `unsteady` (titles; those
 * passed on their second try).
 */
export async function runTests(filters) {
  const run = randomUUID();
  const temporary = await mkdtemp(join(tmpdir(), "acme-test-"));
  // Users whom tests make read their authorized_keys in here.
  await chmod(temporary, 0o755);
  tidyUp = async () => {
    endLeftovers(await findLeftovers(run, temporary, 0));
    await rm(temporary, { recursive: true, force: true });
  };
  const report = join(temporary, "vitest.json");
  const { code } = await runCommand(
    process.execPath,
    [
      join(repository, "node_modules", "vitest", "vitest.mjs"),
      ...["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      ...filters,
    ],
    { live: true, env: { TMPDIR: temporary, [runVariable]: run } },
  );
  const result = readReport(await readFile(report, "utf8").catch(() => "{}"), code);
  const leftovers = await findLeftovers(run, temporary);
  for (const { pid, command } of leftovers) {
    result.problems.push(`a test left process ${pid} behind: ${command}`);
  }
  await tidyUp();
  return result;
}

function readReport(text, code) {
  const { testResults = [] } = JSON.parse(text);
  const groups = new Map();
  const problems = [];
  const skipped = [];
  const unsteady = [];
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(repository, name);
    const group = groups.get(groupOf(file)) ?? { passed: 0, failed: 0, skipped: 0 };
    groups.set(groupOf(file), group);
    for (const test of assertionResults) {
      const again = test.failureMessages?.length > 0;
      if (test.status === "passed" && again) unsteady.push(`${file}: ${test.fullName}`);
      if (test.status === "passed") group.passed++;
      else if (test.status === "failed") group.failed++;
      else {
        group.skipped++;
        skipped.push(`${file}: ${test.fullName}`);
      }
    }
    // A file that could not be loaded, or whose set-up failed, has no failed case to show for it.
    if (status === "failed" && assertionResults.every((test) => test.status !== "failed")) {
      problems.push(`${file}: ${message}`);
    }
  }
  const failed = [...groups.values()].reduce((sum, group) => sum + group.failed, 0);
  if (code !== 0 && failed + problems.length === 0) problems.push(`vitest ended with code ${code}`);
  if (testResults.length === 0 && problems.length === 0) problems.push("no test was run");
  return { groups, problems, skipped, unsteady };
}

/** `test/unit/acme/jws.test.ts` → `test/unit`; `test/layers.test.ts` → itself. */
function groupOf(file) {
  return file.split("/").slice(0, 2).join("/");
}
