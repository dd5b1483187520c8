import { readableByGroup, reloadUnit, signalOf } from "./preset";
import type { Preset } from "./preset";

/** Reads the files as its own user. SIGHUP makes it start anew, with the files that it keeps in memory. */
export const exim: Preset = {
  files: readableByGroup("Debian-exim"),
  test: "exim4 -bV >/dev/null",
  reload: reloadUnit("exim4", signalOf("HUP", "${ACME_PIDFILE:-/run/exim4/exim.pid}", "exim")),
  port: 25,
  startTls: "smtp",
  installed: { program: "exim4", package: "exim4-daemon-light" },
};
