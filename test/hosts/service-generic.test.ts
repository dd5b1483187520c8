/** A daemon that no preset knows, with a key that belongs to its user. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { asUser, folderOf } from "../support/services/own-user";
import { type Place, testService } from "../support/services/service-test";

const at = ({ port }: Place): string => `127.0.0.1:${String(port)}`;

testService({
  service: "generic",
  tools: ["stunnel"],
  version: ["sh", "-c", "stunnel -version 2>&1"],
  name: "stunnel",
  daemon: async (place) => {
    const { folder, paths } = place;
    folderOf("daemon", folder);
    const config = join(folder, "stunnel.conf");
    await writeFile(
      config,
      `foreground = yes
pid =
[web]
accept = ${at(place)}
connect = 127.0.0.1:9
cert = ${paths.fullchain ?? ""}
key = ${paths.privateKey ?? ""}
`,
    );
    return asUser("daemon", "stunnel", [config]);
  },
  args: {
    files: [
      { path: "fullchain.pem", content: "fullchain" },
      { path: "privkey.pem", content: "privateKey", mode: "0400", owner: "daemon" },
    ],
  },
  reload: ({ pidFile }) =>
    `[ -s ${pidFile} ] || { echo "stunnel is not running"; exit 1; }; kill -HUP "$(cat ${pidFile})"`,
  refused: {
    args: (place) => ({
      files: [{ path: "privkey.pem", content: "privateKey", mode: "0400" }],
      verify: { address: at(place), timeout: "2s" },
    }),
    words: /verify: after 2 s 127\.0\.0\.1:\d+ serves another certificate/,
  },
});
