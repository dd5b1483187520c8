/** Runs vitest, reads what it found, and looks for processes that outlived their tests. */
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  commandLine,
  killAll,
  processesWithArgument,
  processesWithEnvironment,
} from "../test/support/process/process-tree";
import { runCommand } from "./commands.mjs";

const repository = resolve(__dirname, "..");
const runVariable = "PULUMI_ACME_TEST_RUN";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface TestResult {
  /** By folder of tests. */
  readonly groups: Map<string, Counts>;
  /** What failed and is no test case. */
  readonly problems: string[];
  /** Titles. */
  readonly skipped: string[];
  /** Titles of those that passed on their second try. */
  readonly unsteady: string[];
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface VitestReport {
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Removes what an interrupted run would leave; set while one is under way. */
let tidyUp = (): Promise<void> => Promise.resolve();
export const tidyUpTests = (): Promise<void> => tidyUp();

/** Runs the tests whose paths contain one of `filters` (all, if there is none), in a temporary folder of their own. */
export async function runTests(filters: readonly string[]): Promise<TestResult> {
  const run = randomUUID();
  const temporary = await mkdtemp(join(tmpdir(), "acme-test-"));
  // Users whom tests make read their authorized_keys in here.
  await chmod(temporary, 0o755);
  tidyUp = async () => {
    killAll(leftoversOf(run, temporary), "SIGKILL");
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
  // What is just ending gets a moment.
  for (let waited = 0; leftoversOf(run, temporary).length > 0 && waited < 3000; waited += 100) {
    await sleep(100);
  }
  for (const pid of leftoversOf(run, temporary)) {
    result.problems.push(`a test left process ${String(pid)} behind: ${commandLine(pid)}`);
  }
  await tidyUp();
  return result;
}

/**
 * Those that carry the run's id in their environment, or its temporary folder on their command line (nginx and sshd
 * write their titles over their environment).
 */
function leftoversOf(run: string, temporary: string): number[] {
  const found = [
    ...processesWithEnvironment(runVariable, run),
    ...processesWithArgument(temporary),
  ];
  return [...new Set(found)].filter((pid) => pid !== process.pid && commandLine(pid) !== "");
}

function readReport(text: string, code: number): TestResult {
  const { testResults = [] } = JSON.parse(text) as VitestReport;
  const groups = new Map<string, Counts>();
  const problems: string[] = [];
  const skipped: string[] = [];
  const unsteady: string[] = [];
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(repository, name);
    const group = groups.get(groupOf(file)) ?? { passed: 0, failed: 0, skipped: 0 };
    groups.set(groupOf(file), group);
    for (const test of assertionResults) {
      const again = (test.failureMessages ?? []).length > 0;
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
  if (code !== 0 && failed + problems.length === 0)
    problems.push(`vitest ended with code ${String(code)}`);
  if (testResults.length === 0 && problems.length === 0) problems.push("no test was run");
  return { groups, problems, skipped, unsteady };
}

/** `test/unit/acme/jws.test.ts` → `test/unit`; `test/layers.test.ts` → itself. */
function groupOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}
