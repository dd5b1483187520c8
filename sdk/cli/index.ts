#!/usr/bin/env node
/** The command `pulumi-acme`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Command, CommanderError } from "commander";

import { messageOf } from "../util/errors";
import { asObject, optionalString, parseJson } from "../util/json";
import { printable } from "../util/text";
import { addAdoptCommand } from "./adopt/command";
import { addScheduleCommand } from "./schedule/command";
import { addStatusCommand, CANNOT_TELL } from "./status/command";

const COMMANDS = [addStatusCommand, addScheduleCommand, addAdoptCommand];

async function main(): Promise<void> {
  // Whoever reads the output may stop early: `pulumi-acme status | head -1`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  const program = new Command("pulumi-acme")
    .description("ACME certificates in Pulumi stacks")
    .version(version())
    .exitOverride();
  for (const add of COMMANDS) add(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has told what is wrong.
      process.exitCode = error.exitCode === 0 ? 0 : CANNOT_TELL;
      return;
    }
    process.stderr.write(`pulumi-acme: ${printable(messageOf(error))}\n`);
    process.exitCode = CANNOT_TELL;
  }
}

function version(): string {
  const manifest = readFileSync(join(__dirname, "..", "..", "package.json"), "utf8");
  return optionalString(asObject(parseJson(manifest)) ?? {}, "version") ?? "";
}

void main();
