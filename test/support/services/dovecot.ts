/** Dovecot with a configuration of its own, on one port of the loopback interface. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Daemon, Place } from "./service-test";

const configIn = ({ folder }: Place): string => join(folder, "dovecot.conf");

export async function dovecotIn(place: Place): Promise<Daemon> {
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
}

/** Shell text before a command of the preset's, which means this daemon by it. */
export function dovecotCommands(place: Place): string {
  return [
    `ACME_PORT=${String(place.port)} ACME_LOG=${place.folder}/dovecot.log`,
    ...["doveconf", "doveadm"].map(
      (name) => `${name}() { command ${name} -c ${configIn(place)} "$@"; }`,
    ),
  ].join("\n");
}
