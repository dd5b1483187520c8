/**
 * The line that is handed to a host's login shell, with or without sudo. Pure.
 *
 * The login shell may be sh, fish or csh. It gets one line of printable ASCII, and of what counts in any of them only
 * the backslash, which within single quotes all leave alone: csh would expand "!" there, and end at a line break.
 *
 * The line holds no secret: sudo asks for its password on standard error and gets it over standard input. It is sent
 * only when asked for. sudo does not ask where a rule says NOPASSWD, and a password sent on the off chance would then
 * be the first line of what the command reads, and end in a file.
 */
import { SHELL_ENVIRONMENT, shellQuote } from "./shell";
import { SUDO_PROMPT } from "./sudo";

/**
 * The first line of a command's output and of its errors: what comes before it was printed by login scripts or sudo.
 * The number is the command's process. Not anchored to the start of a line: sudo's question ends without one.
 */
export const START_MARKER = /pulumi-acme begins ([0-9]+)\n/;

/** Before the exit code, at the end of the errors of a command that {@link LoginShellOptions.tellsEnd}. */
export const END_MARKER = "pulumi-acme ends ";

export type SudoMode = "none" | "without-password" | "with-password";

export interface LoginShellOptions {
  /** Say the exit code on standard error, at once: processes that the command or a login script left may live on. */
  readonly tellsEnd?: boolean;
}

/** The line for the login shell that runs `command` by `/bin/sh -c`. */
export function loginShellLine(
  command: string,
  sudo: SudoMode,
  { tellsEnd = false }: LoginShellOptions = {},
): string {
  const scripts = [
    ...(tellsEnd ? [TELL_END] : []),
    ...(sudo === "none" ? [] : [elevated(sudo)]),
    `${SHELL_ENVIRONMENT}; echo "pulumi-acme begins $$"; echo "pulumi-acme begins $$" >&2\n${command}`,
  ];
  return `exec ${RUN_FIRST} ${scripts.map((script) => `'${encoded(script)}'`).join(" ")}`;
}

/** Runs the first of its encoded arguments as a script, with the others as its arguments. */
const RUN_FIRST = `/bin/sh -c ${shellQuote('eval "shift; $(printf %b "$1")"')} sh`;

/** As `printf %b` reads it. */
function encoded(script: string): string {
  return [...Buffer.from(script, "utf8")]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || "!'\\".includes(String.fromCharCode(byte))
        ? `\\0${byte.toString(8).padStart(3, "0")}`
        : String.fromCharCode(byte),
    )
    .join("");
}

/* A signal to the group is the command's affair; one that is caught here is not ignored there. */
const TELL_END = [
  "trap : HUP INT TERM PIPE",
  `${RUN_FIRST} "$@"`,
  `code=$?; echo "${END_MARKER}$code" >&2; exit $code`,
].join("\n");

function elevated(sudo: Exclude<SudoMode, "none">): string {
  const ask = sudo === "with-password" ? `-S -p ${shellQuote(SUDO_PROMPT)}` : "-n";
  return [
    SHELL_ENVIRONMENT,
    // Root needs no sudo, and a small image has none.
    `[ "$(id -u)" = 0 ] && exec ${RUN_FIRST} "$@"`,
    `command -v sudo >/dev/null || { echo "sudo: not found" >&2; exit 127; }`,
    `exec sudo ${ask} -- ${RUN_FIRST} "$@"`,
  ].join("\n");
}

/**
 * A command that stops the command with process number `pid`, and all it started. Under sudo the group's number is
 * not the command's own, so it is looked up.
 */
export function stopCommand(pid: number): string {
  const number = String(pid);
  return [
    `g=$(ps -o pgid= -p ${number} 2>/dev/null | tr -d ' ')`,
    `[ -n "$g" ] || g=$(cut -d' ' -f5 /proc/${number}/stat 2>/dev/null)`,
    `[ -n "$g" ] || exit 0`,
    // No "--" before the group: dash refuses it after a name, busybox does not know it.
    "kill -TERM -$g || exit 0",
    "for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 -$g 2>/dev/null || exit 0; sleep 0.1; done",
    "kill -KILL -$g",
  ].join("\n");
}
