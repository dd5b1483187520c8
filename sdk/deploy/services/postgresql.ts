import type { Preset } from "./preset";
import { readableByGroup } from "./preset";
import { tellingOfErrors } from "./telling-of-errors";

/** Its own user needs no password; `pg_reload_conf` says "t" whatever becomes of it. */
const RELOAD = `psql -XAtq -d postgres -c "select pg_reload_conf()"`;
const AS_OWNER = `if [ "$(id -u)" = 0 ]; then su -s /bin/sh postgres -c '${RELOAD}'; else ${RELOAD}; fi`;

/**
 * It insists on a key of its own user's with mode 0600, or of root's with 0640. Files that it cannot use are logged, and the former ones
 * are in use until the next start, which fails.
 */
export const postgresql: Preset = {
  files: readableByGroup("postgres"),
  reload: tellingOfErrors(AS_OWNER, {
    unit: "postgresql*",
    log: "$(ls -t /var/log/postgresql/*.log 2>/dev/null | head -n 1)",
    errors: "private key file|certificate file|File must have|SSL configuration",
  }),
  port: 5432,
  startTls: "postgres",
  installed: { program: "psql", package: "postgresql" },
};
