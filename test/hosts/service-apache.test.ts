import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";

import { testService } from "../support/services/service-test";

const MODULES = "/usr/lib/apache2/modules";

testService({
  service: "apache",
  tools: ["apachectl"],
  version: ["apache2", "-v"],
  daemon: async ({ folder, port, paths }) => {
    await mkdir(join(folder, "htdocs"));
    const modules = ["mpm_event", "authz_core", "ssl"].map(
      (name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`,
    );
    await writeFile(
      join(folder, "apache2.conf"),
      `${modules.join("\n")}
ServerRoot ${folder}
ServerName service.example
PidFile ${folder}/apache2.pid
Mutex file:${folder} default
User www-data
ErrorLog ${folder}/error.log
Listen 127.0.0.1:${String(port)}
DocumentRoot ${folder}/htdocs
SSLEngine on
SSLCertificateFile ${paths.fullchain ?? ""}
SSLCertificateKeyFile ${paths.privateKey ?? ""}
`,
    );
    return { command: "apache2", args: ["-d", folder, "-f", "apache2.conf", "-DFOREGROUND"] };
  },
  before: ({ folder }) =>
    `export APACHE_CONFDIR=${folder} APACHE_RUN_DIR=${folder} APACHE_LOCK_DIR=${folder}`,
  refused: {
    args: (_place, leaf) => ({
      certificate: leaf,
      files: [{ path: "fullchain.pem", content: "issuer" }],
    }),
    words: /does not exist or is empty/,
  },
  more: (bench, check) => {
    check("is started again where it died of what it could not use", "starts again", async () => {
      const { place, last, served, refusal } = bench();
      const pidFile = join(place.folder, "apache2.pid");
      try {
        const said = await refusal(() => ({
          files: [{ path: "privkey.pem", content: "fullchain" }],
          verify: { address: `127.0.0.1:${String(place.port)}`, timeout: "2s" },
        }));
        expect(said).toMatch(
          /serves no certificate.*old files are in use again, and were reloaded/,
        );
        await expect.poll(served).toBe(last());
      } finally {
        process.kill(Number(await readFile(pidFile, "utf8")));
      }
    });
  },
  underLoad: true,
});
