/** Postfix with a configuration of its own, on one port of the loopback interface. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { folderOf } from "./own-user";
import type { Daemon, Place } from "./service-test";

const configIn = ({ folder }: Place): string => join(folder, "postfix");

export async function postfixIn(place: Place): Promise<Daemon> {
  const { folder, port, paths } = place;
  const config = configIn(place);
  await mkdir(config);
  await mkdir(join(folder, "queue"));
  await writeFile(
    join(config, "main.cf"),
    `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folderOf("postfix", folder)}
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
myhostname = service.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${paths.fullchain ?? ""}
smtpd_tls_key_file = ${paths.privateKey ?? ""}
`,
  );
  await writeFile(
    join(config, "master.cf"),
    `127.0.0.1:${String(port)} inet n - n - - smtpd
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`,
  );
  return { command: "/usr/lib/postfix/sbin/master", args: ["-c", config, "-d"] };
}

/** Shell text before a command of the preset's, which means this daemon by it. */
export function postfixCommands(place: Place): string {
  return `export MAIL_CONFIG=${configIn(place)}`;
}
