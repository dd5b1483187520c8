/** What nginx says of a site in its test, although it takes the configuration. Pure. */
import { posix } from "node:path";

import { MAX_LINE } from "./error-log";

/**
 * The `[warn]` lines of `nginx -t` that name the site's file or one of its names, each once: `conflicting server name "example.com" on
 * 0.0.0.0:80, ignored` is all that nginx ever says of a site that it does not use.
 *
 * @see kshcherban/acme-nginx#11
 */
export function warningsAbout(
  output: string,
  site: { readonly configFile: string; readonly serverNames: readonly string[] },
): readonly string[] {
  const found = output.split("\n").flatMap((line) => {
    // `nginx: [warn] …`, and with a time and `PID#TID: ` where the error log is the same terminal.
    const text = /\[warn\] (?:\d+#\d+: )?(.*)$/.exec(line.slice(0, MAX_LINE).trimEnd())?.[1];
    return text !== undefined && (namesFile(text, site.configFile) || namesOne(text)) ? [text] : [];
  });
  return [...new Set(found)];

  function namesOne(text: string): boolean {
    return site.serverNames.some((name) => text.includes(`server name "${name}"`));
  }
}

/** nginx may read the file by a link, as Debian's `sites-enabled` has them. */
function namesFile(text: string, configFile: string): boolean {
  const path = / in (\/.*):\d+$/.exec(text)?.[1];
  return path !== undefined && posix.basename(path) === posix.basename(configFile);
}
