/** Where exports come from: the Pulumi CLI, files, standard input. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { messageOf } from "../../util/errors";
import { PulumiError, runPulumi, stackArguments } from "../pulumi";
import { type ExportedResource, readExport, StatusError } from "./stack-export";

/** @param source - a file's path, or `-` for standard input */
export async function resourcesInFile(source: string): Promise<ExportedResource[]> {
  if (source === "-") return readExport(await text(process.stdin), "standard input");
  return readExport(await contentOf(source), source);
}

/** @param stack - the current stack where it is not given */
export async function resourcesOfStack(stack: string | undefined): Promise<ExportedResource[]> {
  const args = ["stack", "export", ...stackArguments(stack)];
  const command = `pulumi ${args.join(" ")}`;
  return readExport(await runPulumi(args).catch(explained(command)), command);
}

function explained(command: string) {
  return (error: unknown): never => {
    const hint = error instanceof PulumiError && error.isMissing ? "; --file reads an export" : "";
    throw new StatusError(`${command}: ${messageOf(error)}${hint}`);
  };
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new StatusError(`${path} cannot be read: ${messageOf(error)}`);
  }
}
