import { CHAIN_AND_KEY, restartUnit } from "./preset";
import type { Preset } from "./preset";

/**
 * Reads the files as root, and at the start alone: SIGHUP makes it read its settings, but not these. Of what it cannot use it tells its
 * standard input, where nobody hears it; that it is gone shows in the handshake.
 */
export const vsftpd: Preset = {
  files: CHAIN_AND_KEY,
  reload: restartUnit("vsftpd"),
  port: 21,
  startTls: "ftp",
  installed: { program: "vsftpd", package: "vsftpd" },
};
