import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { freePort } from "../support/process/ports";
import { asUser, folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { testService } from "../support/services/service-test";

testService({
  service: "coturn",
  tools: ["turnserver"],
  version: ["turnserver", "--version"],
  daemon: async ({ folder, port, paths }) => {
    const own = folderOf("turnserver", folder);
    const config = join(folder, "turnserver.conf");
    await writeFile(
      config,
      `listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port=${String(await freePort())}
tls-listening-port=${String(port)}
cert=${paths.fullchain ?? ""}
pkey=${paths.privateKey ?? ""}
userdb=${own}/users
pidfile=${own}/pid
simple-log
log-file=${own}/log
no-cli
realm=service.example
`,
    );
    return asUser("turnserver", "turnserver", ["-c", config]);
  },
  before: ({ folder, pidFile }) => `ACME_PIDFILE=${pidFile} ACME_LOG=${folder}/own/log`,
  refused: { args: otherKey("turnserver"), words: /ERROR: .*private key/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /ERROR: .*private key/);
  },
});
