import type { Preset } from "./preset";
import { ofCertificates, readableByGroup, signalOf } from "./preset";
import { tellingOfErrors } from "./telling-of-errors";

/** Its unit has no reload. */
const RELOAD = `if systemctl is-active --quiet coturn 2>/dev/null; then systemctl kill -s USR2 coturn; else ${signalOf("USR2", "${ACME_PIDFILE:-/run/turnserver.pid}", "coturn")}; fi`;

const TELLING = tellingOfErrors(RELOAD, {
  unit: "coturn",
  log: "/var/log/turnserver.log",
  errors: "ERROR: .*(certificate|private key)",
});

/** Reads the files as its own user; what it cannot use is logged, and the former ones are in use until the next start. */
export const coturn: Preset = {
  files: readableByGroup("turnserver"),
  reload: ofCertificates(TELLING),
  port: 5349,
  installed: { program: "turnserver", package: "coturn" },
};
