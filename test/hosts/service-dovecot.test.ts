import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { otherKey } from "../support/services/own-user";
import { type Place, testService } from "../support/services/service-test";

const configIn = ({ folder }: Place): string => join(folder, "dovecot.conf");

testService({
  service: "dovecot",
  tools: ["dovecot"],
  version: ["dovecot", "--version"],
  daemon: async (place) => {
    const { folder, port, paths } = place;
    await mkdir(join(folder, "run"));
    await writeFile(
      configIn(place),
      `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
protocols = imap
ssl = required
ssl_cert = <${paths.fullchain ?? ""}
ssl_key = <${paths.privateKey ?? ""}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    address = 127.0.0.1
    port = ${String(port)}
  }
}
`,
    );
    return { command: "dovecot", args: ["-F", "-c", configIn(place)] };
  },
  before: (place) =>
    [
      `ACME_PORT=${String(place.port)} ACME_LOG=${place.folder}/dovecot.log`,
      ...["doveconf", "doveadm"].map(
        (name) => `${name}() { command ${name} -c ${configIn(place)} "$@"; }`,
      ),
    ].join("\n"),
  refused: { args: otherKey("root"), words: /Key is for a different cert than ssl_cert/ },
  underLoad: true,
});
