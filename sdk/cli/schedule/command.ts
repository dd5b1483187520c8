/** `pulumi-acme schedule`: a ready schedule for `pulumi up`. */
import { Argument, type Command } from "commander";

import { ConfigurationError, messageOf } from "../../util/errors";
import { printable } from "../../util/text";
import { certificatesIn } from "../status/certificates";
import { resourcesInFile, resourcesOfStack } from "../status/sources";
import type { ExportedResource } from "../status/stack-export";
import { cron } from "./cron";
import { github } from "./github";
import { gitlab } from "./gitlab";
import { pulumiDeployments } from "./pulumi-deployments";
import { runsPerDay, type Schedule, timesOf } from "./schedule";
import { systemd } from "./systemd";

const SCHEDULERS: Readonly<Record<string, (schedule: Schedule) => string>> = {
  github,
  gitlab,
  systemd,
  cron,
  "pulumi-deployments": pulumiDeployments,
};

interface ScheduleOptions {
  readonly stack?: string;
  readonly file?: string;
}

export function addScheduleCommand(program: Command): void {
  program
    .command("schedule")
    .summary("print a ready schedule that runs `pulumi up`")
    .description(
      "Prints a schedule that runs `pulumi up --refresh`: twice a day, or six times where the stack has a\n" +
        "certificate that lives ten days or less. Its comments say which secrets it needs.",
    )
    .addArgument(new Argument("<scheduler>", "what runs it").choices(Object.keys(SCHEDULERS)))
    .option("-s, --stack <name>", "the stack (default: the current one)")
    .option("-f, --file <path>", "a saved export of the stack, or - for standard input")
    .action(async (scheduler: string, options: ScheduleOptions) => {
      process.stdout.write(await scheduleFor(scheduler, options));
    });
}

async function scheduleFor(scheduler: string, options: ScheduleOptions): Promise<string> {
  const resources = await resourcesOf(options);
  const stack = options.stack ?? resources[0]?.urn.split("::")[0]?.split(":")[2];
  if (stack === undefined || !/^[\w./-]+$/.test(stack) || stack.startsWith("-")) {
    const given = stack === undefined ? "no stack is selected" : `"${stack}" is not a stack's name`;
    throw new ConfigurationError(`${given}: give --stack`);
  }
  const times = timesOf(runsPerDay(certificatesIn(resources)), stack);
  const directory = process.cwd();
  return SCHEDULERS[scheduler]?.({ stack, directory, ...times }) ?? "";
}

/** None where the stack cannot be read: a schedule is often written before there is anything to run. */
async function resourcesOf({ stack, file }: ScheduleOptions): Promise<ExportedResource[]> {
  if (file !== undefined) return resourcesInFile(file);
  try {
    return await resourcesOfStack(stack);
  } catch (error) {
    const reason = printable(messageOf(error));
    process.stderr.write(`pulumi-acme: twice a day, because the stack is not known: ${reason}\n`);
    return [];
  }
}
