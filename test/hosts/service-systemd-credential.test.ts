import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Place, testService } from "../support/services/service-test";
import { canRunSystemd, systemd } from "../support/services/systemd";
import { systemdStandIn } from "../support/services/systemd-stand-in";

const manager = canRunSystemd() ? systemd : systemdStandIn;

/** Its key is looked at before its start, as a daemon does that tells systemd when it is ready. */
const relay = ({ port }: Place): string => `[Unit]
DefaultDependencies=no
[Service]
Type=exec
ExecStartPre=/usr/bin/openssl pkey -noout -in \${CREDENTIALS_DIRECTORY}/tls.key
ExecStart=/usr/bin/openssl s_server -quiet -www -accept 127.0.0.1:${String(port)} \\
  -cert \${CREDENTIALS_DIRECTORY}/tls.crt -key \${CREDENTIALS_DIRECTORY}/tls.key
[Install]
WantedBy=own.target
`;

testService({
  service: "systemdCredential",
  tools: ["openssl", "systemd-analyze"],
  version: manager === systemd ? ["systemctl", "--version"] : ["openssl", "version"],
  name: manager.name,
  daemon: async (place) => {
    const { folder, directory } = place;
    const units = join(folder, "units");
    await mkdir(join(units, "relay.service.d"), { recursive: true });
    await writeFile(join(units, "relay.service"), relay(place));
    await writeFile(
      join(units, "relay.service.d/tls.conf"),
      `[Service]
LoadCredential=tls.crt:${directory}/fullchain.pem
LoadCredential=tls.key:${directory}/privkey.pem
`,
    );
    await writeFile(
      join(units, "other.service"),
      `[Service]\nLoadCredential=tls.crt:${directory}-of-another/fullchain.pem\n`,
    );
    return manager.daemon(place);
  },
  before: (place) => `ACME_UNITS=${place.folder}/units\n${manager.before(place)}`,
  refused: {
    args: () => ({ files: [{ path: "privkey.pem", content: "fullchain" }] }),
    words: /reload: Job for relay\.service failed/,
  },
});
