import { readableByGroup, restartUnit } from "./preset";
import type { Preset } from "./preset";
import { tellingOfErrors } from "./telling-of-errors";

/** Reads the files as its own user, and at the start alone. */
export const openldap: Preset = {
  files: readableByGroup("openldap"),
  reload: tellingOfErrors(restartUnit("slapd"), {
    unit: "slapd",
    log: "/var/log/slapd.log",
    errors: "TLS init def ctx failed",
  }),
  port: 389,
  startTls: "ldap",
  installed: { program: "slapd", package: "slapd" },
};
