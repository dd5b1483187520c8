import { CHAIN_AND_KEY } from "./preset";
import type { Preset } from "./preset";

/** Its TLS manager reads the files as root. `postfix reload` says by itself whether it runs, under systemd or not. */
export const postfix: Preset = {
  files: CHAIN_AND_KEY,
  test: "postfix check",
  reload: "postfix reload",
  port: 25,
  startTls: "smtp",
  installed: { program: "postfix", package: "postfix" },
};
