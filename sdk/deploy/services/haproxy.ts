import { shellQuote } from "../../hosts/command/shell";
import { reloadUnit, signalOf } from "./preset";
import type { Deployed, Preset } from "./preset";

/** As Debian's unit has them; not those of whoever runs Pulumi on this machine. */
const SETTINGS =
  "CONFIG=${ACME_CONFIG:-/etc/haproxy/haproxy.cfg} EXTRAOPTS=; [ ! -r /etc/default/haproxy ] || . /etc/default/haproxy";

const RELOAD = reloadUnit(
  "haproxy",
  signalOf("USR2", "${ACME_PIDFILE:-/run/haproxy.pid}", "haproxy"),
);

/**
 * Through the runtime socket, where it is open, the certificate changes without new processes; else a reload.
 *
 * @see "set ssl cert" and "commit ssl cert" in HAProxy's management guide
 */
function reload({ paths: { bundle } }: Deployed): string {
  if (bundle === undefined) return RELOAD;
  const name = shellQuote(bundle);
  return [
    SETTINGS,
    `socket=\${ACME_SOCKET:-/run/haproxy/admin.sock}`,
    `tell() { socat -t 10 - "UNIX-CONNECT:$socket"; }`,
    `exchange() { { echo "set ssl cert" ${name} "<<"; cat ${name}; echo; } | tell && echo "commit ssl cert" ${name} | tell | grep -q Success; }`,
    `if [ -S "$socket" ] && command -v socat && exchange; then exit 0; fi >/dev/null 2>&1`,
    RELOAD,
  ].join("\n");
}

/** Reads certificate and key from one file, as root. */
export const haproxy: Preset = {
  files: [{ path: "haproxy.pem", content: "bundle" }],
  test: `${SETTINGS}; haproxy -c -f "$CONFIG" $EXTRAOPTS`,
  reload,
  port: 443,
  installed: { program: "haproxy", package: "haproxy" },
};
