/** Puts what the program needs where it reads it; nothing of it is on a command line or on the screen. */
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { ConfigurationError, messageOf } from "../../util/errors";
import type { Program } from "./program";

/** Why `pulumi config set` cannot work here; `undefined` where it can. */
export async function whyNoStack(stack: string | undefined): Promise<string | undefined> {
  const args = ["config", "--json", ...stackArguments(stack)];
  const { code, said } = await pulumi(args).catch((error: unknown) => ({
    code: 1,
    said: messageOf(error),
  }));
  return code === 0 ? undefined : said;
}

/** @throws ConfigurationError with what Pulumi said */
export async function configure({ settings }: Program, stack: string | undefined): Promise<void> {
  for (const [key, { value, isSecret }] of settings) {
    const kind = isSecret ? "--secret" : "--plaintext";
    const args = ["config", "set", kind, key, ...stackArguments(stack)];
    const { code, said } = await pulumi(args, value);
    if (code !== 0) throw new ConfigurationError(`pulumi config set ${key}: ${said}`);
  }
}

/**
 * A JSON file that its owner alone may read.
 *
 * @throws ConfigurationError where there is one already
 */
export async function writeSettings({ settings }: Program, path: string): Promise<void> {
  const content = Object.fromEntries([...settings].map(([key, { value }]) => [key, value]));
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
    await file.close();
  } catch (error) {
    throw new ConfigurationError(`${path} cannot be written: ${messageOf(error)}`);
  }
}

function stackArguments(stack: string | undefined): string[] {
  return ["--non-interactive", ...(stack === undefined ? [] : ["--stack", stack])];
}

async function pulumi(
  args: readonly string[],
  input = "",
): Promise<{ code: number; said: string }> {
  const child = spawn("pulumi", args, { stdio: ["pipe", "ignore", "pipe"] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  // Pulumi may end without reading it.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code, said] = await Promise.all([ended, text(child.stderr)]);
  return { code, said: said.trim() };
}
