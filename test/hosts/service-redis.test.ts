import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { asUser, folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { testService } from "../support/services/service-test";

testService({
  service: "redis",
  tools: ["redis-server", "redis-cli"],
  version: ["redis-server", "--version"],
  daemon: async ({ folder, port, paths }) => {
    const own = folderOf("redis", folder);
    const config = join(folder, "redis.conf");
    await writeFile(
      config,
      `bind 127.0.0.1
port 0
tls-port ${String(port)}
tls-auth-clients no
tls-cert-file ${paths.fullchain ?? ""}
tls-key-file ${paths.privateKey ?? ""}
dir ${own}
save ""
`,
    );
    return asUser("redis", "redis-server", [config]);
  },
  before: ({ port }) => `PORT=${String(port)}`,
  refused: { args: otherKey("redis"), words: /ERR CONFIG SET failed.*Unable to update TLS/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /ERR CONFIG SET failed.*Unable to update TLS/);
  },
});
