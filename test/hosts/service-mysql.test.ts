import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { testService } from "../support/services/service-test";

testService({
  service: "mysql",
  tools: ["mariadbd"],
  version: ["mariadbd", "--version"],
  daemon: ({ folder, port, paths }) => {
    const own = folderOf("mysql", folder);
    const data = join(own, "data");
    execFileSync(
      "mariadb-install-db",
      ["--no-defaults", "--user=mysql", `--datadir=${data}`, `--tmpdir=${own}`, "--skip-test-db"],
      { cwd: own, stdio: "pipe" },
    );
    return Promise.resolve({
      command: "mariadbd",
      args: [
        ...[
          "--no-defaults",
          "--user=mysql",
          `--datadir=${data}`,
          `--tmpdir=${own}`,
          `--socket=${own}/socket`,
        ],
        ...["--bind-address=127.0.0.1", `--port=${String(port)}`, `--pid-file=${own}/pid`],
        ...[`--ssl-cert=${paths.fullchain ?? ""}`, `--ssl-key=${paths.privateKey ?? ""}`],
      ],
    });
  },
  before: ({ folder }) => `ACME_SOCKET=${folder}/own/socket`,
  refused: { args: otherKey("mysql"), words: /Failed to refresh SSL.*private key/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /Failed to refresh SSL, error: Unable to get private key/);
  },
});
