/** Processes that outlived the tests that started them. Linux; elsewhere none is found. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export const runVariable = "PULUMI_ACME_TEST_RUN";

/**
 * Those that carry the run's id in their environment, or its temporary folder on their command line (nginx and sshd
 * write their titles over their environment). They get a moment to end by themselves.
 */
export async function findLeftovers(run, temporary, patience = 3000) {
  let found = list(run, temporary);
  for (let waited = 0; found.length > 0 && waited < patience; waited += 100) {
    await sleep(100);
    found = list(run, temporary);
  }
  return found;
}

export function endLeftovers(leftovers) {
  for (const { pid } of leftovers) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}

function list(run, temporary) {
  return processIds().flatMap((pid) => {
    if (pid === process.pid) return [];
    const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    const ours =
      command.includes(temporary) || read(`/proc/${pid}/environ`).includes(`${runVariable}=${run}`);
    return ours && command !== "" ? [{ pid, command }] : [];
  });
}

function processIds() {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
