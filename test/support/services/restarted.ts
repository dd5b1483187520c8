/** Daemons that have to be restarted, where there is no systemd: a loop that starts them, and what stands for `systemctl`. */
import { join } from "node:path";

import { shellQuote } from "../../../sdk/hosts";
import type { Daemon, Place } from "./service-test";

/** Runs `command` in the foreground again whenever it ends. */
export function restarting({ folder }: Place, command: string): Daemon {
  const [pid, log] = [join(folder, "restarted.pid"), join(folder, "restarted.log")].map(shellQuote);
  const once = `${command} >>${log ?? ""} 2>&1 & echo $! >${pid ?? ""}; wait $!; sleep 0.2`;
  return { command: "sh", args: ["-c", `while :; do ${once}; done`] };
}

/** For the preset's own commands. */
export function systemctlFor({ folder }: Place): string {
  const pid = shellQuote(join(folder, "restarted.pid"));
  return [
    `ACME_LOG=${shellQuote(join(folder, "restarted.log"))}`,
    `systemctl() { case $1 in is-active) [ -s ${pid} ] ;; restart) kill "$(cat ${pid})" || : ;; *) return 1 ;; esac; }`,
  ].join("\n");
}
