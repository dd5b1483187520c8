import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { restarting, systemctlFor } from "../support/services/restarted";
import { testService } from "../support/services/service-test";

testService({
  service: "openldap",
  tools: ["slapd"],
  version: ["sh", "-c", "slapd -VV 2>&1 || :"],
  name: "slapd",
  daemon: async (place) => {
    const { folder, port, paths } = place;
    const config = join(folder, "slapd.conf");
    const own = folderOf("openldap", folder);
    await writeFile(
      config,
      `include /etc/ldap/schema/core.schema
pidfile ${own}/pid
argsfile ${own}/args
TLSCertificateFile ${paths.fullchain ?? ""}
TLSCertificateKeyFile ${paths.privateKey ?? ""}
`,
    );
    const user = "-u openldap -g openldap";
    return restarting(
      place,
      `slapd -d none -h ldap://127.0.0.1:${String(port)} ${user} -f ${config}`,
    );
  },
  before: systemctlFor,
  refused: { args: otherKey("openldap"), words: /TLS init def ctx failed/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /TLS init def ctx failed/);
  },
});
