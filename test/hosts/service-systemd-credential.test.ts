/** `systemctl` is a stand-in with one unit, whose credentials it loads as systemd does: a copy at each start. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Place, testService } from "../support/services/service-test";

/** Runs the unit; a HUP is its restart. */
const manager = ({ folder, port }: Place): string => `
restart() { kill "$main" 2>/dev/null; }
trap restart HUP
trap 'kill "$main"; exit' TERM
while :; do
  sed -n 's/^LoadCredential=\\(.*\\):\\(.*\\)$/\\1 \\2/p' ${folder}/units/relay.service.d/tls.conf |
    while read -r name path; do cp "$path" "${folder}/credentials/$name"; done
  openssl s_server -quiet -www -accept 127.0.0.1:${String(port)} \\
    -cert ${folder}/credentials/tls.crt -key ${folder}/credentials/tls.key &
  main=$!
  echo "$main" >${folder}/main
  wait "$main"
  echo failed >${folder}/main
  # Until somebody starts it again.
  sleep 0.2
  while [ -z "$(cat ${folder}/start 2>/dev/null)" ]; do sleep 0.1; done
  : >${folder}/start
done
`;

const systemctl = ({ folder, pidFile }: Place): string => `#!/bin/sh
running() { kill -0 "$(cat ${folder}/main)" 2>/dev/null; }
case "$1 $2" in
  "is-active relay.service")
    if running; then echo active; elif [ -e ${pidFile} ]; then echo failed; exit 3; else echo inactive; exit 3; fi ;;
  "is-enabled "*) exit 1 ;;
  "restart relay.service")
    if running; then kill -HUP "$(cat ${pidFile})"; fi
    echo yes >${folder}/start
    sleep 1
    running || { echo "Job for relay.service failed because the control process exited with error code." >&2; exit 1; } ;;
  *) exit 1 ;;
esac
`;

testService({
  service: "systemdCredential",
  tools: ["openssl", "systemd-analyze"],
  version: ["systemctl", "--version"],
  name: "a stand-in for systemctl, with openssl",
  daemon: async (place) => {
    const { folder, directory } = place;
    for (const name of ["bin", "credentials", "units/relay.service.d", "units/other.service.d"])
      await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, "bin", "systemctl"), systemctl(place), { mode: 0o755 });
    await writeFile(
      join(folder, "units/relay.service.d/tls.conf"),
      `[Service]
LoadCredential=tls.crt:${directory}/fullchain.pem
LoadCredential=tls.key:${directory}/privkey.pem
`,
    );
    await writeFile(
      join(folder, "units/other.service"),
      `[Service]\nLoadCredential=tls.crt:${directory}-of-another/fullchain.pem\n`,
    );
    return { command: "sh", args: ["-c", manager(place)] };
  },
  before: ({ folder }) => `PATH=${folder}/bin:$PATH ACME_UNITS=${folder}/units`,
  refused: {
    args: () => ({ files: [{ path: "privkey.pem", content: "fullchain" }] }),
    words: /reload: Job for relay\.service failed/,
  },
});
