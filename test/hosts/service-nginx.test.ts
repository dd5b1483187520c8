import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { nginxCommands, prepareNginx } from "../support/nginx/nginx";
import { toolPath } from "../support/process/tool-paths";
import { testService } from "../support/services/service-test";

testService({
  service: "nginx",
  tools: ["nginx"],
  version: ["sh", "-c", "nginx -v 2>&1"],
  name: "nginx",
  daemon: async ({ folder, port, paths }) => {
    const { configDirectory, configFile } = await prepareNginx(folder);
    await writeFile(
      join(configDirectory, "tls.conf"),
      `server { listen 127.0.0.1:${String(port)} ssl;
         ssl_certificate ${paths.fullchain ?? ""}; ssl_certificate_key ${paths.privateKey ?? ""}; }`,
    );
    // The preset's commands name no configuration file: this nginx has another one.
    const program = join(folder, "bin", "nginx");
    await mkdir(join(folder, "bin"));
    const { test } = nginxCommands(folder);
    await writeFile(program, `#!/bin/sh\nexec ${test.replace(/-t$/, '"$@"')}\n`);
    await chmod(program, 0o755);
    return { command: toolPath("nginx"), args: ["-p", folder, "-c", configFile] };
  },
  before: ({ folder }) => `PATH=${folder}/bin:$PATH`,
  refused: {
    args: () => ({ files: [{ path: "privkey.pem", content: "privateKey" }] }),
    words: /test: .*key values mismatch/,
  },
  underLoad: true,
});
