/** Runs the Pulumi CLI. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { messageOf } from "../util/errors";

/** An export may hold hundreds of resources. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/** A command failed; the message is what Pulumi said. */
export class PulumiError extends Error {
  override readonly name = "PulumiError";
  /** There is no such command. */
  readonly isMissing: boolean;

  constructor(error: unknown) {
    const { code, stderr } = Object(error) as { code?: unknown; stderr?: unknown };
    const isMissing = code === "ENOENT";
    const said = typeof stderr === "string" ? stderr.trim() : "";
    super(isMissing ? "the command pulumi is not in PATH" : said === "" ? messageOf(error) : said);
    this.isMissing = isMissing;
  }
}

/**
 * @param input - for standard input: nobody who lists processes sees a secret there
 * @returns what it printed
 * @throws {@link PulumiError}
 */
export async function runPulumi(args: readonly string[], input = ""): Promise<string> {
  const options = { maxBuffer: MAX_OUTPUT_BYTES };
  const running = promisify(execFile)("pulumi", [...args, "--non-interactive"], options);
  // Pulumi may end without reading it.
  running.child.stdin?.on("error", () => undefined).end(input);
  try {
    return (await running).stdout;
  } catch (error) {
    throw new PulumiError(error);
  }
}

/** The arguments that choose a stack; default: the current one. */
export function stackArguments(stack: string | undefined): string[] {
  return stack === undefined ? [] : ["--stack", stack];
}
