import type { Preset } from "./preset";
import { readableByGroup } from "./preset";

/**
 * A reload tests by itself, and refuses what it cannot use. `caddy validate` as root would open the log files as root, and lock the service
 * out of them. Without `--force` an unchanged configuration, with other files in it, is no reason to reload.
 *
 * @see caddyserver/caddy#7829
 */
export const caddy: Preset = {
  files: readableByGroup("caddy"),
  reload: `caddy reload --force --config "\${ACME_CONFIG:-/etc/caddy/Caddyfile}"`,
  port: 443,
  installed: { program: "caddy", package: "caddy" },
};
