/** `pulumi-acme adopt`: from another ACME client to Pulumi, without an order. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";

import { Argument, type Command } from "commander";

import { ConfigurationError } from "../../util/errors";
import { printable } from "../../util/text";
import { acmeSh } from "./acme-sh";
import { certbot } from "./certbot";
import type { Found, Reader } from "./found";
import { lego } from "./lego";
import { nginxAcme } from "./nginx-acme";
import { nixos } from "./nixos";
import { programFor } from "./program";
import { configure, whyNoStack, writeSettings } from "./settings";

const CLIENTS: Readonly<Record<string, Reader>> = {
  certbot,
  lego,
  "acme.sh": acmeSh,
  "nginx-acme": nginxAcme,
  nixos,
};

const DEFAULT_SETTINGS_FILE = "pulumi-acme-adopted.json";

interface AdoptOptions {
  readonly stack?: string;
  readonly settings?: string;
  readonly directoryUrl?: string;
  readonly caBundle?: string;
}

export function addAdoptCommand(program: Command): void {
  program
    .command("adopt")
    .summary("print a program that takes over the certificates of another client")
    .description(
      "Prints a Pulumi program that adopts the accounts and certificates of another ACME client. No order is placed. " +
        "Keys and tokens go into the configuration of the stack, encrypted; they are never shown.",
    )
    .addArgument(new Argument("<client>", "who made them").choices(Object.keys(CLIENTS)))
    .argument("<directory>", "its directory, such as /etc/letsencrypt or ~/.acme.sh")
    .option("-s, --stack <name>", "the stack whose configuration is set (default: the current one)")
    .option(
      "--settings <path>",
      `write keys and tokens to this file, mode 0600, instead (default without a stack: ${DEFAULT_SETTINGS_FILE})`,
    )
    .option("--directory-url <url>", "the CA's directory, where the client does not store it")
    .option("--ca-bundle <path>", "PEM file with the roots of a private CA's own server")
    .addHelpText("after", EXIT_CODES)
    .action(async (client: string, directory: string, options: AdoptOptions) => {
      process.exitCode = await adopt(client, directory, options);
    });
}

const EXIT_CODES = `
Exit code: 0 everything was taken over, 1 something was left out or needs a look,
3 nothing was found.`;

/** @returns the exit code */
async function adopt(client: string, directory: string, options: AdoptOptions): Promise<number> {
  const problems: string[] = [];
  const found = await read(client, directory, options, (problem) => problems.push(problem));
  for (const problem of problems) say(problem);
  if (found.accounts.length === 0) {
    throw new ConfigurationError(`${directory}: there is no account of ${client}`);
  }
  const settingsFile = await settingsFileFor(options);
  const caBundleFile = options.caBundle === undefined ? undefined : resolve(options.caBundle);
  const program = programFor(found, { client, settingsFile, caBundleFile });
  if (settingsFile === undefined) await configure(program, options.stack);
  else await writeSettings(program, settingsFile);
  process.stdout.write(program.text);
  say(summary(found, settingsFile));
  return problems.length === 0 ? 0 : 1;
}

async function read(
  client: string,
  directory: string,
  { directoryUrl }: AdoptOptions,
  report: (problem: string) => void,
): Promise<Found> {
  const path = resolve(directory);
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isDirectory() !== true) throw new ConfigurationError(`${path} is no directory`);
  if (directoryUrl !== undefined && !URL.canParse(directoryUrl)) {
    throw new ConfigurationError(`--directory-url: "${directoryUrl}" is no URL`);
  }
  const reader = CLIENTS[client];
  if (reader === undefined) throw new ConfigurationError(`${client} is not known`);
  return reader(path, report, { directoryUrl });
}

/** `undefined`: the configuration of the stack. */
async function settingsFileFor({ stack, settings }: AdoptOptions): Promise<string | undefined> {
  if (settings !== undefined) return resolve(settings);
  const reason = await whyNoStack(stack);
  if (reason === undefined) return undefined;
  if (stack !== undefined) throw new ConfigurationError(`the stack ${stack}: ${reason}`);
  return resolve(DEFAULT_SETTINGS_FILE);
}

function summary({ accounts, certificates }: Found, settingsFile: string | undefined): string {
  const found = `accounts: ${String(accounts.length)}, certificates: ${String(certificates.length)}`;
  const where =
    settingsFile === undefined
      ? "encrypted in the configuration of the stack"
      : `in ${settingsFile}, mode 0600, where the program reads them`;
  return `${found}; their keys are ${where}`;
}

function say(text: string): void {
  process.stderr.write(`pulumi-acme: ${printable(text)}\n`);
}
