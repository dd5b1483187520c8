import { CHAIN_AND_KEY } from "./preset";
import type { Preset } from "./preset";
import { tellingOfErrors } from "./telling-of-errors";

/** Only who connects lets it try the pair; a moment later, because a reload is not waited for. */
const HANDSHAKE =
  "sleep 1; timeout 3 openssl s_client -connect 127.0.0.1:${ACME_PORT:-993} </dev/null >/dev/null 2>&1";

/** Its master reads the files as root. `doveconf` looks only whether they are there; a pair that it cannot use, it logs. */
export const dovecot: Preset = {
  files: CHAIN_AND_KEY,
  test: "doveconf -n >/dev/null",
  reload: tellingOfErrors(`doveadm reload || exit; ${HANDSHAKE} || :`, {
    unit: "dovecot",
    log: "/var/log/mail.log",
    errors: "login: .*Failed to initialize SSL server context",
  }),
  port: 993,
  installed: { program: "doveadm", package: "dovecot-core" },
};
