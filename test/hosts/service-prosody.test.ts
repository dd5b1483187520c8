import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { asUser, folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { type Place, testService } from "../support/services/service-test";

const config = ({ folder }: Place): string => join(folder, "prosody.cfg.lua");

testService({
  service: "prosody",
  tools: ["prosody"],
  version: ["prosodyctl", "about"],
  name: "prosody",
  daemon: async (place) => {
    const { folder, port, paths } = place;
    const own = folderOf("prosody", folder);
    await writeFile(
      config(place),
      `pidfile = "${own}/pid"
data_path = "${own}"
modules_enabled = { "tls", "saslauth" }
modules_disabled = { "s2s" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${String(port)} }
log = { info = "${own}/log" }
VirtualHost "service.example"
  ssl = { certificate = "${paths.fullchain ?? ""}", key = "${paths.privateKey ?? ""}" }
`,
    );
    return asUser("prosody", "prosody", ["-F", "--config", config(place)]);
  },
  before: (place) => `ACME_CONFIG=${config(place)} ACME_PIDFILE=${place.pidFile}`,
  refused: { args: otherKey("prosody"), words: /test: .*private key does not match public key/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /test: .*Check that the file exists and the permissions/);
  },
});
