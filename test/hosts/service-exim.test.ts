import { chmod, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { shellQuote } from "../../sdk/hosts";
import type { Properties } from "../../sdk/provider/engine/handler";
import { findTool } from "../support/process/tool-paths";
import { folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { type Place, testService } from "../support/services/service-test";

const USER = "Debian-exim";
/** Debian does not install it beside Postfix: it lies in the cache. */
const EXIM = findTool("exim4") ?? "exim4";

const REFUSED = /454 TLS currently unavailable/;

/** Debian's is setuid as well: on SIGHUP the daemon executes itself anew, as its own user, who may not enter the cache. */
const programIn = ({ folder }: Place): string => join(folder, "exim4");
const configIn = ({ folder }: Place): string => join(folder, "exim.conf");
/** That answer does not change while one waits. */
const lookingBriefly = ({ port }: Place): Properties => ({
  verify: { address: `127.0.0.1:${String(port)}`, timeout: "1s" },
});

testService({
  service: "exim",
  tools: ["exim4"],
  version: [EXIM, "-C", "/dev/null", "-bV"],
  name: "exim4",
  daemon: async (place) => {
    const { folder, port, paths } = place;
    const [program, config] = [programIn(place), configIn(place)];
    await copyFile(EXIM, program);
    await chmod(program, 0o4755);
    const spool = folderOf(USER, folder, "spool");
    await writeFile(
      config,
      `exim_path = ${program}
exim_user = ${USER}
exim_group = ${USER}
spool_directory = ${spool}
log_file_path = ${spool}/%slog
pid_file_path = ${folder}/exim.pid
primary_hostname = service.example
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${String(port)}
host_lookup =
rfc1413_hosts =
disable_ipv6
tls_advertise_hosts = *
tls_certificate = ${paths.fullchain ?? ""}
tls_privatekey = ${paths.privateKey ?? ""}
`,
    );
    await chmod(config, 0o644);
    return { command: program, args: ["-C", config, "-bdf"] };
  },
  before: (place) =>
    [
      `ACME_PIDFILE=${shellQuote(join(place.folder, "exim.pid"))}`,
      `exim4() { ${shellQuote(programIn(place))} -C ${shellQuote(configIn(place))} "$@"; }`,
    ].join("\n"),
  // It says so to those who ask for TLS.
  refused: {
    args: (place) => ({ ...otherKey(USER)(), ...lookingBriefly(place) }),
    words: REFUSED,
  },
  more: (bench, check) => {
    refusesRootsKey(bench, check, REFUSED, lookingBriefly);
  },
});
