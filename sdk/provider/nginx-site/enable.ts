/** Debian's layout: a site lies in `sites-available`, and nginx reads it by a link in `sites-enabled`. */
import { posix } from "node:path";

import { saysNotRunning } from "../../deploy";
import { type Host, HostError, shellQuote, subshell } from "../../hosts";
import { singleLine } from "../../util/text";

/** What the script says of the link. */
const [DONE, FOREIGN, REFUSED, NOT_RELOADED] = [0, 10, 11, 12];

/** Where the link of a site lies; `undefined` for one that needs none. */
export function linkFor(configFile: string): string | undefined {
  const directory = posix.dirname(configFile);
  if (posix.basename(directory) !== "sites-available") return undefined;
  return posix.join(directory, "..", "sites-enabled", posix.basename(configFile));
}

/**
 * Makes the link where there is none, and has nginx test and take it. One program on the host: it ends what it began.
 *
 * @param shown - nginx's words, as they may be shown
 * @throws {@link HostError} where nginx does not take it; then there is no link.
 */
export async function enable(
  host: Host,
  { link, configFile }: { readonly link: string; readonly configFile: string },
  commands: { readonly test: string; readonly reload: string },
  shown: (words: string) => string,
  signal: AbortSignal,
): Promise<void> {
  const [to, file] = [shellQuote(link), shellQuote(configFile)];
  const target = shellQuote(`../sites-available/${posix.basename(configFile)}`);
  const { code, stdout, stderr } = await host.run(
    `trap '' HUP PIPE
[ -d ${shellQuote(posix.dirname(link))} ] || exit ${String(DONE)}
[ ! ${to} -ef ${file} ] || exit ${String(DONE)}
if [ -e ${to} ] || [ -L ${to} ]; then exit ${String(FOREIGN)}; fi
ln -s ${target} ${to} || exit 1
${subshell(commands.test)} </dev/null 2>&1 || { rm -f ${to}; exit ${String(REFUSED)}; }
${subshell(commands.reload)} </dev/null 2>&1 || exit ${String(NOT_RELOADED)}`,
    { signal },
  );
  const said = `${stdout}\n${stderr}`;
  if (code === DONE || (code === NOT_RELOADED && saysNotRunning(said))) return;
  if (code === NOT_RELOADED)
    await host.run(`rm -f ${to}; ${commands.reload}`).catch(() => undefined);
  const what: Readonly<Record<number, string>> = {
    [FOREIGN]: "something else is there; remove it, or give this site another configFile",
    [REFUSED]: `nginx does not take the site: ${shown(singleLine(stdout))}`,
    [NOT_RELOADED]: `nginx was not reloaded: ${shown(singleLine(stdout))}`,
  };
  const detail = what[code] ?? singleLine(said);
  throw new HostError("command", {
    host: host.label,
    step: `link ${link}`,
    detail,
    exitCode: code,
  });
}

/** Removes the link, if it leads to the site. */
export async function disable(
  host: Host,
  { link, configFile }: { readonly link: string; readonly configFile: string },
  signal?: AbortSignal,
): Promise<void> {
  const to = shellQuote(link);
  await host.run(
    `if [ -L ${to} ] && [ ${to} -ef ${shellQuote(configFile)} ]; then rm -f ${to}; fi`,
    {
      signal,
    },
  );
}
