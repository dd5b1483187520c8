/**
 * The programs that run on a host: shell files, put together and sent over standard input.
 *
 * They are POSIX sh for dash, bash, busybox ash and ksh. `host-program/transaction.sh` says what the transaction does,
 * `host-program/inspection.sh` what an inspection answers.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { DIRECTORY_FUNCTIONS } from "../hosts";

/** Reads a program from standard input and runs it: no command line shows more than this. */
export const BOOTSTRAP = `eval "$(while IFS= read -r line && [ "$line" != '#go' ]; do printf '%s\\n' "$line"; done)"`;

/** Writes files, switches to them, tests, reloads, and waits for the verdict. */
export const TRANSACTION = `${DIRECTORY_FUNCTIONS}${program(
  "tools",
  "staging",
  "manifest",
  "switch",
  "commands",
  "transaction",
)}`;

/** Says of each file what it holds and what the manifest records. */
export const INSPECTION = program("tools", "inspection");

/** `text` as {@link BOOTSTRAP} reads it. In braces, so that a shell runs nothing of a text that was cut off. */
export function sendable(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s*#/.test(line));
  return `{\n${lines.join("\n")}\n}\n#go\n`;
}

function program(...parts: readonly string[]): string {
  return parts
    .map((part) => readFileSync(join(__dirname, "host-program", `${part}.sh`), "utf8"))
    .join("\n");
}
