/** Which files an nginx reads: what its main configuration includes, and in which block. Pure. */
import { posix } from "node:path";

import { askNginx } from "./commands";

export interface Include {
  readonly block: string;
  /** `/etc/nginx/conf.d/*.conf` */
  readonly pattern: string;
}

/** Prints "BLOCK PATTERN" for each include of the first file of a dump. Nothing else of it leaves the host. */
const AWK = `
/^# configuration file / { files++; next }
files == 1 {
  line = $0; sub(/#.*/, "", line)
  if (depth == 0 && match(line, /^[ \\t]*[a-z_]+[ \\t]*\\{/)) { block = line; gsub(/[ \\t{].*|^[ \\t]+/, "", block) }
  where = (depth == 0 && line !~ /\\{/) ? "main" : block
  for (rest = line; match(rest, /include[ \\t]+[^;]+;/); rest = substr(rest, RSTART + RLENGTH)) {
    pattern = substr(rest, RSTART, RLENGTH - 1); sub(/^include[ \\t]+/, "", pattern)
    print where, pattern
  }
  depth += gsub(/\\{/, "", line) - gsub(/\\}/, "", line)
}`;

/** A command that prints what {@link readIncludes} reads; `undefined` where the nginx that `test` tests cannot be asked. */
export function includesCommand(test: string): string | undefined {
  const dump = askNginx(test, "-T");
  return dump === undefined ? undefined : `{ ${dump}; } 2>/dev/null </dev/null | awk '${AWK}'`;
}

export function readIncludes(output: string): readonly Include[] {
  return output.split("\n").flatMap((line) => {
    const [, block, pattern] = /^(\w+) ["']?(\/[^\s"']+)["']?\s*$/.exec(line) ?? [];
    return block === undefined || pattern === undefined ? [] : [{ block, pattern }];
  });
}

/**
 * What to do about a site's file that nginx does not read, or not where a site belongs: Alpine reads `conf.d` outside of `http`, and sites
 * in `http.d`.
 */
export function adviceAbout(
  { configFile, stream }: { readonly configFile: string; readonly stream?: object },
  includes: readonly Include[],
): string {
  const block = stream === undefined ? "http" : "stream";
  const patterns = includes.filter((one) => one.block === block && one.pattern.includes("*"));
  if (patterns.length > 0) {
    const places = patterns.map(({ pattern }) => pattern).join(", ");
    return `in its ${block} block nginx reads ${places}: give this site a configFile there`;
  }
  const include = `include ${posix.dirname(configFile)}/*.conf;`;
  return stream === undefined
    ? `its main configuration needs an include for it: ${include} within http { }`
    : `its main configuration needs: stream { ${include} }`;
}
