/** Where exports come from: the Pulumi CLI, files, standard input. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

import { messageOf } from "../../util/errors";
import { asObject, optionalString } from "../../util/json";
import { type ExportedResource, readExport, StatusError } from "./stack-export";

/** An export may hold hundreds of resources. */
const MAX_EXPORT_BYTES = 512 * 1024 * 1024;

/** @param source - a file's path, or `-` for standard input */
export async function resourcesInFile(source: string): Promise<ExportedResource[]> {
  if (source === "-") return readExport(await text(process.stdin), "standard input");
  return readExport(await contentOf(source), source);
}

/** @param stack - the current stack where it is not given */
export async function resourcesOfStack(stack: string | undefined): Promise<ExportedResource[]> {
  const args = ["stack", "export", ...(stack === undefined ? [] : ["--stack", stack])];
  const command = `pulumi ${args.join(" ")}`;
  try {
    const { stdout } = await promisify(execFile)("pulumi", [...args, "--non-interactive"], {
      maxBuffer: MAX_EXPORT_BYTES,
    });
    return readExport(stdout, command);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw new StatusError(`${command}: ${problemOf(error)}`);
  }
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new StatusError(`${path} cannot be read: ${messageOf(error)}`);
  }
}

function problemOf(error: unknown): string {
  const { code, stderr } = Object(error) as { code?: unknown; stderr?: unknown };
  if (code === "ENOENT") return "the command pulumi is not in PATH; --file reads an export";
  const said = optionalString(asObject({ stderr }) ?? {}, "stderr")?.trim() ?? "";
  return said === "" ? messageOf(error) : said;
}
