import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "vitest";

import { commandsOf } from "../../sdk/deploy/services/together";
import { recorders, watch } from "../support/services/leaks";
import { asUser, folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { type Place, testService } from "../support/services/service-test";

const before = ({ folder, port }: Place): string =>
  `ACME_PORT=${String(port)} PATH=${folder}/recorders:$PATH`;

testService({
  service: "redis",
  tools: ["redis-server", "redis-cli"],
  version: ["redis-server", "--version"],
  daemon: async (place) => {
    const { folder, port, paths } = place;
    await recorders(place, ["redis-cli"]);
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
  before,
  refused: { args: otherKey("redis"), words: /ERR CONFIG SET failed.*Unable to update TLS/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /ERR CONFIG SET failed.*Unable to update TLS/);
    check("shows the key to nobody", "no key in processes and files", async () => {
      const { place, deploy } = bench();
      const key = place.paths.privateKey ?? "";
      const { leaks, recorded } = await watch(bench(), key, () => deploy());
      expect(recorded).toMatch(/redis-cli .*CONFIG SET tls-cert-file \S+ tls-key-file \S+/);
      expect(leaks).toEqual([]);
      // A careless command is seen.
      const reload = `${before(place)}; redis-cli --version "$(cat ${key})"; ${commandsOf("redis", {}, place).reload ?? ""}`;
      const careless = await watch(bench(), key, () => deploy({ reload }));
      expect(careless.leaks).toContain("recorded arguments");
    });
  },
});
