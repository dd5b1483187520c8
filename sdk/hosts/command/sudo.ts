/** What sudo asks, and what it means when it refuses. Pure. */
import { singleLine } from "../../util/text";

/** The prompt by which sudo asks for the password. */
export const SUDO_PROMPT = "[pulumi-acme: password for sudo]";

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
