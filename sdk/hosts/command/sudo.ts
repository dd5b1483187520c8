/**
 * The line that is handed to a host's login shell, with or without sudo, and what a refusal means. Pure.
 *
 * The line holds no secret: sudo asks for its password on standard error and gets it over standard input. It is sent
 * only when asked for. sudo does not ask where a rule says NOPASSWD, and a password sent on the off chance would then
 * be the first line of what the command reads, and end in a file.
 */
import { singleLine } from "../../util/text";
import { SHELL_ENVIRONMENT, shellQuote } from "./shell";

/** The prompt by which sudo asks for the password. */
export const SUDO_PROMPT = "[pulumi-acme: password for sudo]";

/**
 * The first line of a command's output and of its errors: what comes before it was printed by login scripts or sudo.
 * The number is the command's process. Not anchored to the start of a line: sudo's question ends without one.
 */
export const START_MARKER = /pulumi-acme begins ([0-9]+)\n/;

export type SudoMode = "none" | "without-password" | "with-password";

/** The line for the login shell that runs `command` by `/bin/sh -c`. */
export function loginShellLine(command: string, sudo: SudoMode): string {
  const script = `${SHELL_ENVIRONMENT}; echo "pulumi-acme begins $$"; echo "pulumi-acme begins $$" >&2\n${command}`;
  if (sudo === "none") return `exec /bin/sh -c ${shellQuote(script)}`;
  const ask = sudo === "with-password" ? `-S -p ${shellQuote(SUDO_PROMPT)}` : "-n";
  const elevate = [
    SHELL_ENVIRONMENT,
    // Root needs no sudo, and a small image has none.
    '[ "$(id -u)" = 0 ] && exec /bin/sh -c "$1"',
    `command -v sudo >/dev/null || { echo "sudo: not found" >&2; exit 127; }`,
    `exec sudo ${ask} -- /bin/sh -c "$1"`,
  ].join("\n");
  return `exec /bin/sh -c ${shellQuote(elevate)} sh ${shellQuote(script)}`;
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

/** What to do about a sudo that did not run the command, from what it said. */
export function sudoRefusal(said: string, user: string): string {
  const rule = `"${user} ALL=(root) NOPASSWD: ALL" in /etc/sudoers.d/pulumi-acme`;
  if (/sudo: (command )?not found|sudo: No such file/i.test(said)) {
    return "sudo is not installed there: install it, or connect as root without sudo";
  }
  if (/not in the sudoers file|may not run sudo|not allowed to (execute|run)/i.test(said)) {
    return `user ${user} may not use sudo: put ${rule}`;
  }
  if (/must have a tty|no tty present/i.test(said)) {
    return `sudo wants a terminal: put "Defaults:${user} !requiretty" in /etc/sudoers.d/pulumi-acme`;
  }
  if (/incorrect password|no password was provided|try again/i.test(said)) {
    return `sudo did not accept the password of user ${user}: correct sudoPassword (default: password), or put ${rule}`;
  }
  if (/password is required|terminal is required|askpass/i.test(said)) {
    return `sudo asks for a password: give sudoPassword, or put ${rule}`;
  }
  return `sudo did not run the command: ${singleLine(said) || "it said nothing"}`;
}
