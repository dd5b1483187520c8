import { CHAIN_AND_KEY } from "./preset";
import type { Preset } from "./preset";

/** Its master reads the files as root. `doveconf -n` says what is wrong in the configuration, and reads the certificate. */
export const dovecot: Preset = {
  files: CHAIN_AND_KEY,
  test: "doveconf -n >/dev/null",
  reload: "doveadm reload",
  port: 993,
  installed: { program: "doveadm", package: "dovecot-core" },
};
