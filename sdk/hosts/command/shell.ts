/** What every command line needs before a shell may see it. Pure. */

/**
 * `text` as one word for a shell.
 *
 * Quotes and backslashes stand outside of the single quotes, so that fish, where a backslash counts inside of them,
 * reads the same as sh does: the first shell to see the line is the user's login shell.
 */
export function shellQuote(text: string): string {
  return `'${text.replace(/['\\]/g, "'\\$&'")}'`;
}

/** A user's `command` within a longer one: it may end the shell, and itself with a comment. */
export function subshell(command: string): string {
  return `( ${command}\n)`;
}

/** Where daemons and their tools lie; a PATH of somebody other than root often lacks it. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";

/** A search path that finds what the caller's own does, and the system's programs. */
export function searchPath(own: string | undefined): string {
  return own === undefined || own === "" ? SYSTEM_PATH : `${own}:${SYSTEM_PATH}`;
}

/**
 * A first line for every script: programs are found, and they answer in English, because their words are read by
 * {@link ./sudo.ts} and by whoever gets them in an error.
 */
export const SHELL_ENVIRONMENT = `PATH="\${PATH:+$PATH:}${SYSTEM_PATH}" LC_ALL=C; export PATH LC_ALL`;
