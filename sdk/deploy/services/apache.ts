import { CHAIN_AND_KEY, reloadUnit } from "./preset";
import type { Preset } from "./preset";

/**
 * `apachectl graceful` starts a server that does not run, whether it should or not. One that died, as it does of files that it cannot use,
 * leaves its PID file behind, and is started.
 */
const GRACEFUL = [
  `file=$(apachectl -t -D DUMP_RUN_CFG 2>/dev/null | sed -n 's/^PidFile: "\\(.*\\)"$/\\1/p')`,
  `if kill -0 "$(cat "$file" 2>/dev/null)" 2>/dev/null; then apachectl graceful; elif [ -s "$file" ]; then apachectl start; else echo "apache is not running"; exit 1; fi`,
].join("; ");

/** Debian calls the unit apache2, others httpd. */
const RELOAD = `unit=apache2; systemctl cat httpd >/dev/null 2>&1 && unit=httpd; ${reloadUnit("$unit", GRACEFUL)}`;

/** Reads the files as root. `configtest` looks only whether they are there and not empty. */
export const apache: Preset = {
  files: CHAIN_AND_KEY,
  test: "apachectl configtest",
  reload: RELOAD,
  port: 443,
  installed: { program: "apachectl", package: "apache2" },
};
