/** Whether nginx uses a site that it has read: what it said in its test, what answers after the reload, what its error log says. */
import { nginxEmergencies } from "../../deploy";
import type { Host } from "../../hosts";
import { DEFAULT_TEST } from "../../nginx/commands";
import { warningsAbout } from "../../nginx/warnings";
import { messageOf } from "../../util/errors";
import { singleLine } from "../../util/text";
import type { Written } from "../config-file/write";
import type { Reporter } from "../engine/progress";
import type { NginxSiteArguments } from "./arguments";
import { adviceOn, isIncluded } from "./host";
import { problemsOf } from "./served";

export interface WrittenSite extends Pick<Written, "testOutput" | "shown"> {
  /** Whose the file is. */
  readonly ownerId: string;
  /** When the file was begun to be written, by this machine's clock. */
  readonly since: number;
}

/**
 * Warns where nginx does not use a site that it was just reloaded for. Only that: the site may be meant to wait for the other one's end.
 *
 * @see kshcherban/acme-nginx#11
 * @see nginx/nginx#220
 * @see certbot/certbot#7555
 */
export async function warnIfUnused(
  host: Host,
  site: NginxSiteArguments,
  written: WrittenSite,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { testOutput = "", shown, ownerId, since } = written;
  const warn = (words: string): void => {
    reporter.warn(`${host.label}: ${words}`);
  };
  for (const line of warningsAbout(testOutput, site)) warn(`nginx warns: ${shown(line)}`);
  try {
    if ((await isIncluded(host, site, ownerId, signal)) === false) {
      warn(`nginx does not read ${site.configFile}; ${await adviceOn(host, site, signal)}`);
      return;
    }
    reporter.progress("looks at what answers");
    const problems = await problemsOf(host, site, signal);
    const { test = DEFAULT_TEST } = site;
    const emergencies = await nginxEmergencies(host, test, Date.now() - since, signal);
    const words = wordsOf(problems, emergencies.map(shown));
    if (words !== undefined) warn(words);
  } catch (error) {
    // The site is there; that it could not be looked at is no failure.
    reporter.info(`${host.label}: what answers was not looked at: ${messageOf(error)}`);
  }
}

function wordsOf(problems: readonly string[], emergencies: readonly string[]): string | undefined {
  const log = emergencies.slice(-3).map((line) => `"${singleLine(line, 200)}"`);
  if (problems.length === 0) {
    if (log.length === 0) return undefined;
    return `nginx goes on with its former configuration; its error log says: ${log.join(", ")}`;
  }
  const cause =
    log.length > 0
      ? `Its error log says: ${log.join(", ")}`
      : "Another file has this server name, or listens on this very address (nginx -T shows all), or another program has the port";
  return `nginx does not use this site: ${problems.join("; ")}. ${cause}`;
}
