/** Runs the commands of `npm test` and `npm start`, and ends them with everything that they started. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { repository } from "./setup/places.mjs";

/** Process groups that run now. */
const groups = new Set();
let stopping = false;

/**
 * Runs a command to its end. Its output is collected; with `live` it is shown as it comes as well.
 * A missing program is a result like any other, with code 127.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, live?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runCommand(command, args, { cwd = repository, env = {}, live = false } = {}) {
  return new Promise((resolve) => {
    if (stopping) return;
    // A group of its own: a terminal's Ctrl-C reaches us alone, and we end the group as a whole.
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (child.pid !== undefined) groups.add(child.pid);
    let output = "";
    const collect = (stream) => (chunk) => {
      output += chunk;
      if (live) stream.write(chunk);
    };
    child.stdout.setEncoding("utf8").on("data", collect(process.stdout));
    child.stderr.setEncoding("utf8").on("data", collect(process.stderr));
    const finish = (code) => {
      groups.delete(child.pid);
      // Once we are stopping nobody goes on from here; the process ends when all groups have.
      if (!stopping) resolve({ code, output });
    };
    child.once("error", (error) => {
      output += `${error.message}\n`;
      finish(127);
    });
    child.once("close", (code) => finish(code ?? 137));
  });
}

/** `runCommand` whose failure is an error with the command's output. */
export async function mustRun(command, args, options) {
  const { code, output } = await runCommand(command, args, options);
  if (code !== 0) throw new Error(output);
}

/** Ends every command that runs. */
export async function stopCommands() {
  stopping = true;
  signalGroups("SIGTERM");
  for (let waited = 0; groups.size > 0 && waited < 5000; waited += 50) await sleep(50);
  signalGroups("SIGKILL");
}

/** On Ctrl-C or SIGTERM: ends the commands, tidies up, and leaves. A second Ctrl-C does not wait. */
export function stopOnInterrupt(tidyUp = async () => {}) {
  let since;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (stopping) {
        // npm hands on the Ctrl-C that the terminal has sent to us as well: that is no second one.
        if (Date.now() - since < 500) return;
        signalGroups("SIGKILL");
        process.exit(130);
      }
      since = Date.now();
      process.stderr.write("\nStopping …\n");
      void stopCommands()
        .then(tidyUp)
        .finally(() => process.exit(130));
    });
  }
}

function signalGroups(signal) {
  for (const pid of groups) {
    try {
      process.kill(-pid, signal);
    } catch {
      // It has just ended.
    }
  }
}
