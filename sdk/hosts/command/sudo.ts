/** What sudo asks, and what it means when it refuses. Pure. */
import { lastWords } from "./last-words";

/** The prompt by which sudo asks for the password. */
export const SUDO_PROMPT = "[pulumi-acme: password for sudo]";

/* The words of sudo and of sudo-rs, which is Ubuntu's since 25.10 (ansible/ansible#86441). */
const NO_RULE =
  /not in the sudoers file|may not run sudo|not allowed to (execute|run)|I'm afraid I can't do that/i;
const WRONG_PASSWORD =
  /incorrect (password|authentication)|no password was provided|authentication failed|try again/i;
const NO_PASSWORD = /(password|terminal|interactive authentication) is required|askpass/i;

/** What to do about a sudo that did not run the command, from what it said. */
export function sudoRefusal(said: string, user: string): string {
  const rule = `"${user} ALL=(root) NOPASSWD: ALL" in /etc/sudoers.d/pulumi-acme`;
  if (/sudo: (command )?not found|sudo: No such file/i.test(said)) {
    return "sudo is not installed there: install it, or connect as root without sudo";
  }
  if (NO_RULE.test(said)) {
    return `user ${user} may not use sudo: put ${rule}`;
  }
  if (/must have a tty|no tty present/i.test(said)) {
    return `sudo wants a terminal: put "Defaults:${user} !requiretty" in /etc/sudoers.d/pulumi-acme`;
  }
  if (WRONG_PASSWORD.test(said)) {
    return `sudo did not accept the password of user ${user}: correct sudoPassword (default: password), or put ${rule}`;
  }
  if (NO_PASSWORD.test(said)) {
    return `sudo asks for a password: give sudoPassword, or put ${rule}`;
  }
  return `sudo did not run the command: ${lastWords(said) || "it said nothing"}`;
}
