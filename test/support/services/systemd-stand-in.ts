/** In place of `systemctl` where systemd cannot be run: one unit, whose credentials it loads as systemd does: a copy at each start. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Place } from "./service-test";
import type { UnitManager } from "./systemd";

export const systemdStandIn: UnitManager = {
  name: "a stand-in for systemctl, with openssl",
  daemon: async (place) => {
    const { folder } = place;
    for (const name of ["bin", "credentials"]) await mkdir(join(folder, name));
    await writeFile(join(folder, "bin", "systemctl"), systemctl(place), { mode: 0o755 });
    return { command: "sh", args: ["-c", manager(place)] };
  },
  before: ({ folder }) => `PATH=${folder}/bin:$PATH`,
};

/** Runs the unit, and again after each order to start it. */
const manager = ({ folder, port }: Place): string => `
cd ${folder}
while :; do
  sed -n 's/^LoadCredential=\\(.*\\):\\(.*\\)$/\\1 \\2/p' units/relay.service.d/tls.conf |
    while read -r name path; do cp "$path" "credentials/$name"; done
  openssl s_server -quiet -www -accept 127.0.0.1:${String(port)} \\
    -cert credentials/tls.crt -key credentials/tls.key &
  echo "$!" >>processes
  wait "$!"
  until rm order 2>/dev/null; do sleep 0.1; done
done
`;

const systemctl = ({ folder, port }: Place): string => `#!/bin/sh
cd ${folder}
main() { tail -n 1 processes; }
running() { kill -0 "$(main)"; }
case "$1 $2" in
  "is-active relay.service")
    if running; then echo active; elif [ -e processes ]; then echo failed; else echo inactive; fi ;;
  "restart relay.service")
    former=$(main)
    echo restart >order
    kill "$former"
    while [ "$(main)" = "$former" ]; do sleep 0.1; done
    while running; do
      if grep -qi ":${port.toString(16).padStart(4, "0")} 00000000:0000 0A" /proc/net/tcp; then exit 0; fi
      sleep 0.1
    done
    echo "Job for relay.service failed because the control process exited with error code."
    exit 1 ;;
  *) exit 1 ;;
esac 2>/dev/null
`;
