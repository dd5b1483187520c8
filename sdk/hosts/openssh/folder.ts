/** The private folder of a login by `ssh`: for its sockets, the host's keys and, for a moment, a password. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { messageOf } from "../../util/errors";
import { HostError } from "../host";

/**
 * What fits into a socket's address: 104 bytes on macOS, of which the name, `ssh`'s suffix while it binds and our own
 * folder's name take theirs.
 */
const MAX_BASE = 104 - "/pulumi-acme-ssh-XXXXXX/control.XXXXXXXXXXXXXXXX\0".length;

/** A folder that nobody else can enter, where paths of sockets are short enough. */
export async function privateFolder(label: string): Promise<string> {
  const own = tmpdir();
  const bases = [own, process.env["XDG_RUNTIME_DIR"] ?? "", "/tmp"].filter(
    (base) => base !== "" && Buffer.byteLength(base) <= MAX_BASE,
  );
  let why = "";
  for (const base of bases) {
    try {
      return await mkdtemp(join(base, "pulumi-acme-ssh-"));
    } catch (error) {
      why = `: ${messageOf(error)}`;
    }
  }
  const detail = `there is no folder for the sockets of ssh${why}; set TMPDIR to one whose path has at most ${String(MAX_BASE)} characters`;
  throw new HostError("command", { host: label, step: "start ssh", detail });
}
