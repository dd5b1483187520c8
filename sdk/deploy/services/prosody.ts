import type { Preset } from "./preset";
import { readableByGroup, reloadUnit, signalOf } from "./preset";

const CHECK = `prosodyctl \${ACME_CONFIG:+--config "$ACME_CONFIG"} check certs 2>&1`;
const SIGNAL = signalOf("HUP", "${ACME_PIDFILE:-/run/prosody/prosody.pid}", "prosody");

/**
 * A reload takes TLS away from a host whose files cannot be used, so they are tested as its own user. `check certs` complains of more than
 * that: of certificates that end soon, or lack a component's name.
 */
export const prosody: Preset = {
  files: readableByGroup("prosody"),
  test: `! ${CHECK} | grep "SSL/TLS: "`,
  reload: reloadUnit("prosody", SIGNAL),
  port: 5222,
  startTls: "xmpp",
  installed: { program: "prosodyctl", package: "prosody" },
};
