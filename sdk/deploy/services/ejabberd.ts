import type { Preset } from "./preset";
import { readableByGroup } from "./preset";
import { tellingOfErrors } from "./telling-of-errors";

/** Where it does not run, it says so before all that it can do. */
const RELOAD = [
  `said=$(ejabberdctl reload_config 2>&1) && exit`,
  `case $said in *nodedown*) said="ejabberd is not running" ;; esac`,
  `echo "$said"; exit 1`,
].join("\n");

/** Reads the files as its own user. With a pair that it cannot use, handshakes fail. */
export const ejabberd: Preset = {
  files: readableByGroup("ejabberd"),
  reload: tellingOfErrors(RELOAD, {
    unit: "ejabberd",
    log: "/var/log/ejabberd/ejabberd.log",
    errors: "Failed to read PEM",
  }),
  port: 5222,
  startTls: "xmpp",
  installed: { program: "ejabberdctl", package: "ejabberd" },
};
