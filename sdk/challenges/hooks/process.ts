/** Running a user's hook: a program with arguments, bounded in time and output. */
import { startProcess } from "../../hosts/local/host";
import { exitOf, gather, silence } from "../../hosts/command/running";
import { withDeadline } from "../../util/abort";
import { describeSpan } from "../../util/duration";
import { messageOf, TimeoutError } from "../../util/errors";
import { singleLine } from "../../util/text";
import { withoutSecrets } from "./secrets";

export interface HookCall {
  /** What messages call the program: "the hook". */
  readonly what?: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How much of each stream is kept, and how much of it an error shows. */
const KEPT_BYTES = 256 * 1024;
const SHOWN_CHARACTERS = 600;

/**
 * Runs the hook in a process group of its own, which ends with it.
 *
 * @returns what it wrote to standard output, the last 256 KiB
 * @throws Error with how it ended and the end of what it wrote
 */
export async function runHook(call: HookCall): Promise<string> {
  const [program = "", ...fixed] = call.command;
  const hook = `${call.what ?? "the hook"} ${program}`.trim();
  call.signal.throwIfAborted();
  let running: Awaited<ReturnType<typeof startProcess>>;
  try {
    running = await startProcess(
      program,
      [...fixed, ...call.args],
      "this machine",
      call.environment,
    );
  } catch (error) {
    throw new Error(`${hook} could not be started: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const stdout = gather(running.stdout, KEPT_BYTES);
  const stderr = gather(running.stderr, KEPT_BYTES);
  running.stdin.end();
  const output = (): string => tail(`${stdout.text()}\n${stderr.text()}`, call.environment);
  const outcome = await withDeadline(hook, call.timeoutMs, call.signal, (signal) =>
    exitOf(running, signal),
  ).catch((error: unknown) => {
    if (!(error instanceof TimeoutError) || call.signal.aborted) throw error;
    return "timeout" as const;
  });
  await silence(running);
  if (outcome === 0) return stdout.text();
  throw new Error(
    outcome === "timeout"
      ? `${hook} did not end within ${describeSpan(call.timeoutMs)}, and was stopped${output()}`
      : `${hook} ended with exit code ${String(outcome)}${output()}`,
  );
}

/** The end of the output, on one line, without the secrets that the hook knows. */
function tail(output: string, environment: Readonly<Record<string, string>>): string {
  const hidden = withoutSecrets(output, environment);
  const line = singleLine(hidden, hidden.length);
  if (line === "") return ", without output";
  const shown = line.length <= SHOWN_CHARACTERS ? line : `…${line.slice(-SHOWN_CHARACTERS)}`;
  return `: ${shown}`;
}
