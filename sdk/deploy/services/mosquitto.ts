import type { Preset } from "./preset";
import { readableByGroup, reloadUnit, signalOf } from "./preset";
import { tellingOfErrors } from "./telling-of-errors";

const RELOAD = reloadUnit(
  "mosquitto",
  signalOf("HUP", "${ACME_PIDFILE:-/run/mosquitto/mosquitto.pid}", "mosquitto"),
);

/** Reads the files as its own user, since 2.0 also at a reload. With a pair that it cannot use, handshakes fail. */
export const mosquitto: Preset = {
  files: readableByGroup("mosquitto"),
  reload: tellingOfErrors(RELOAD, {
    unit: "mosquitto",
    log: "/var/log/mosquitto/mosquitto.log",
    // Errors of handshakes are of "SSL routines".
    errors: "Unable to load|Error when reloading|OpenSSL Error.*(x509|system library)",
  }),
  port: 8883,
  installed: { program: "mosquitto", package: "mosquitto" },
};
