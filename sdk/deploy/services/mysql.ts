import type { Preset } from "./preset";
import { ofCertificates, readableByGroup } from "./preset";

/** By the local socket, where root needs no password. MySQL and MariaDB have a statement each. */
const RELOAD = [
  `sql() { "$(command -v mariadb || command -v mysql)" \${ACME_SOCKET:+--socket="$ACME_SOCKET"} -N -e "$1"; }`,
  `version=$(sql "SELECT version()") || exit`,
  `case $version in *MariaDB*) sql "FLUSH SSL" ;; *) sql "ALTER INSTANCE RELOAD TLS" ;; esac`,
].join("\n");

/** Refused files leave the former ones in use. */
export const mysql: Preset = {
  files: readableByGroup("mysql"),
  reload: ofCertificates(RELOAD),
  port: 3306,
  startTls: "mysql",
  installed: { program: "mariadb mysql", package: "mariadb-server" },
};
