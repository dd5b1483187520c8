import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { freePort } from "../support/process/ports";
import { folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { type Place, testService } from "../support/services/service-test";

const settings = ({ folder }: Place): string => join(folder, "ejabberdctl.cfg");

testService({
  service: "ejabberd",
  tools: ["ejabberdctl"],
  version: ["dpkg-query", "-W", "-f", "${Version}", "ejabberd"],
  name: "ejabberd",
  daemon: async (place) => {
    const { folder, port, paths } = place;
    const own = folderOf("ejabberd", folder);
    await writeFile(
      join(folder, "ejabberd.yml"),
      `hosts: ["service.example"]
certfiles: ["${paths.fullchain ?? ""}", "${paths.privateKey ?? ""}"]
listen: [{ port: ${String(port)}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true }]
acme: { auto: false }
modules: {}
`,
    );
    await writeFile(
      settings(place),
      // With a port of its own it starts no port mapper, which would stay.
      `ERL_DIST_PORT=${String(await freePort())}
INET_DIST_INTERFACE=127.0.0.1
ERLANG_NODE=service-test@localhost
EJABBERD_CONFIG_PATH=${folder}/ejabberd.yml
SPOOL_DIR=${own}
LOGS_DIR=${own}
HOME=${own}
`,
    );
    // It ends when Erlang has ended, which then writes no more.
    const command = `trap "" TERM; exec ejabberdctl -c ${settings(place)} foreground`;
    return { command: "sh", args: ["-c", command] };
  },
  before: (place) =>
    `export EJABBERDCTL_CONFIG_PATH=${settings(place)} ACME_LOG=${place.folder}/own/ejabberd.log`,
  refused: { args: otherKey("ejabberd"), words: /no matching private key found/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /Failed to read PEM file .*permission denied/);
  },
});
