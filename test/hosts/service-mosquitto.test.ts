import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { testService } from "../support/services/service-test";

testService({
  service: "mosquitto",
  tools: ["mosquitto"],
  version: ["mosquitto", "-h"],
  daemon: async ({ folder, port, paths }) => {
    const config = join(folder, "mosquitto.conf");
    await writeFile(
      config,
      `listener ${String(port)} 127.0.0.1
certfile ${paths.fullchain ?? ""}
keyfile ${paths.privateKey ?? ""}
log_dest file ${folderOf("mosquitto", folder)}/log
`,
    );
    return { command: "mosquitto", args: ["-c", config] };
  },
  before: ({ folder, pidFile }) => `ACME_PIDFILE=${pidFile} ACME_LOG=${folder}/own/log`,
  refused: { args: otherKey("mosquitto"), words: /key values mismatch/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /Unable to load server key file.*Permission denied/);
  },
});
