import { CHAIN_AND_KEY } from "./preset";
import type { Preset } from "./preset";

/** Without a terminal it says what is wrong to the mail log alone. */
function aloud(command: string): string {
  return `if command -v script >/dev/null 2>&1; then script -qec "${command}" /dev/null; else ${command}; fi`;
}

/** Its TLS manager and its servers read the files as root, and say to who asks for TLS that they cannot use them. */
export const postfix: Preset = {
  files: CHAIN_AND_KEY,
  test: aloud("postfix check"),
  reload: `if postfix status >/dev/null 2>&1; then ${aloud("postfix reload")}; else echo "postfix is not running"; exit 1; fi`,
  port: 25,
  startTls: "smtp",
  installed: { program: "postfix", package: "postfix" },
};
