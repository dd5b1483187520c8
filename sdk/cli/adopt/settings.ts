/** Puts what the program needs where it reads it; nothing of it is on a command line or on the screen. */
import { open } from "node:fs/promises";

import { ConfigurationError, messageOf } from "../../util/errors";
import { runPulumi, stackArguments } from "../pulumi";
import type { Program } from "./program";

/** Why `pulumi config set` cannot work here; `undefined` where it can. */
export async function whyNoStack(stack: string | undefined): Promise<string | undefined> {
  try {
    await runPulumi(["config", "--json", ...stackArguments(stack)]);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** @throws ConfigurationError with what Pulumi said */
export async function configure({ settings }: Program, stack: string | undefined): Promise<void> {
  for (const [key, { value, isSecret }] of settings) {
    const kind = isSecret ? "--secret" : "--plaintext";
    const args = ["config", "set", kind, key, ...stackArguments(stack)];
    await runPulumi(args, value).catch((error: unknown) => {
      throw new ConfigurationError(`pulumi config set ${key}: ${messageOf(error)}`);
    });
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
