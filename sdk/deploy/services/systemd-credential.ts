import { shellQuote } from "../../hosts/command/shell";
import type { Deployed, Preset } from "./preset";
import { CHAIN_AND_KEY } from "./preset";

/**
 * Restarts the units that load a credential from the deployment's directory: they have no other way to get a new one. One that is enabled
 * and does not run may have lacked just this.
 *
 * @see systemd.exec(5), LoadCredential=
 */
function reload({ directory }: Deployed): string | undefined {
  if (directory === undefined) return undefined;
  const name = shellQuote(directory);
  return [
    `directory=${name}`,
    `folders=\${ACME_UNITS:-/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system}`,
    `units=$(grep -rs '^LoadCredential=' $folders | while IFS= read -r line; do`,
    // A drop-in lies in a folder that is called after the unit.
    `  case $line in (*":$directory" | *":$directory/"*) file=\${line%%:LoadCredential=*} file=\${file%.d/*}; echo "\${file##*/}" ;; esac`,
    `done | sort -u)`,
    `restarted=`,
    `for unit in $units; do`,
    `  case $unit in *@.service) unit="\${unit%.service}*.service" ;; esac`,
    `  case $(systemctl is-active "$unit") in "" | inactive | unknown) systemctl is-enabled --quiet "$unit" 2>/dev/null || continue ;; esac`,
    `  systemctl restart "$unit" || exit`,
    `  restarted=yes`,
    `done`,
    `[ -n "$restarted" ] || { echo "a unit with LoadCredential= from $directory is not running"; exit 1; }`,
  ].join("\n");
}

/** systemd reads the files as root, and gives the unit a copy at each start. */
export const systemdCredential: Preset = {
  files: CHAIN_AND_KEY,
  reload,
  installed: { program: "systemctl", package: "systemd" },
};
