/** One run of the Pulumi CLI as a child process. */
import { spawn } from "node:child_process";
import type { Diagnostic, Step } from "./pulumi-events";

export interface PulumiResult {
  readonly args: readonly string[];
  /** 128 plus the number for a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  /** What the update (or, in a preview, the preview) did: `{ same: 1, create: 2 }`. */
  readonly changes: Readonly<Record<string, number>>;
  /** Each step on a resource, those of a preview before an update left out. */
  readonly steps: readonly Step[];
  /** All messages on resources' rows, ephemeral ones too, of both phases. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface CliRun {
  readonly output: () => string;
  readonly interrupt: () => void;
  readonly kill: () => void;
  readonly killEngineOnly: () => void;
  readonly finished: Promise<PulumiResult>;
}

/** A command of the CLI succeeded or failed, and the test wanted the other. */
export class PulumiError extends Error {
  override readonly name = "PulumiError";
  readonly result: PulumiResult;

  constructor(result: PulumiResult) {
    super(
      `pulumi ${result.args.join(" ")} ended with ${String(result.code)}:\n${result.stdout}\n${result.stderr}`,
    );
    this.result = result;
  }
}

const running = new Set<number>();

process.on("exit", () => {
  for (const pid of running) signal(-pid, "SIGKILL");
});

export function startCli(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
  },
): CliRun {
  const started = Date.now();
  // A process group of its own, as a shell would give it: that is where a terminal's Ctrl-C goes.
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid ?? 0;
  if (pid !== 0) running.add(pid);
  let stdout = "";
  let stderr = "";
  let overdue = false;
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const killGroup = (): void => {
    if (pid !== 0) signal(-pid, "SIGKILL");
  };
  const timer = setTimeout(() => {
    overdue = true;
    killGroup();
  }, options.timeoutMs);
  const finished = new Promise<PulumiResult>((resolve) => {
    const finish = (code: number): void => {
      clearTimeout(timer);
      running.delete(pid);
      if (overdue) stderr += `\nkilled after ${String(options.timeoutMs)} ms`;
      const durationMs = Date.now() - started;
      resolve({ args, code, stdout, stderr, durationMs, changes: {}, steps: [], diagnostics: [] });
    };
    child.once("error", (error) => {
      stderr += error.message;
      finish(127);
    });
    child.once("exit", (code) => {
      // Not "close": a plugin that outlives the CLI keeps the pipes open.
      setTimeout(() => {
        finish(code ?? 137);
      }, 20);
    });
  });
  return {
    output: () => stdout + stderr,
    interrupt: () => {
      if (pid !== 0) signal(-pid, "SIGINT");
    },
    kill: killGroup,
    killEngineOnly: () => {
      child.kill("SIGKILL");
    },
    finished,
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
