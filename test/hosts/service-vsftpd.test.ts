import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { folderOf, otherKey } from "../support/services/own-user";
import { restarting, systemctlFor } from "../support/services/restarted";
import { testService } from "../support/services/service-test";

testService({
  service: "vsftpd",
  tools: ["vsftpd"],
  version: ["sh", "-c", "vsftpd -v 0>&1"],
  name: "vsftpd",
  daemon: async (place) => {
    const { folder, port, paths } = place;
    const config = join(folder, "vsftpd.conf");
    await writeFile(
      config,
      `listen=YES
listen_address=127.0.0.1
listen_port=${String(port)}
background=NO
anonymous_enable=YES
ftp_username=nobody
secure_chroot_dir=${folderOf("root", folder)}
ssl_enable=YES
rsa_cert_file=${paths.fullchain ?? ""}
rsa_private_key_file=${paths.privateKey ?? ""}
`,
    );
    return restarting(place, `vsftpd ${config}`);
  },
  before: systemctlFor,
  refused: {
    args: ({ port }) => ({
      ...otherKey("root")(),
      verify: { address: `127.0.0.1:${String(port)}`, timeout: "1s" },
    }),
    words: /serves no certificate \(connect ECONNREFUSED/,
  },
});
