/** A systemd of its own, in namespaces of its own, that sees the units of one folder and no others. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { shellQuote } from "../../../sdk/hosts";
import { inNamespaces, succeeds } from "../process/namespaces";
import type { Daemon, Place } from "./service-test";

/** What runs the units in the folder `units` of a place. */
export interface UnitManager {
  /** For the record. */
  readonly name: string;
  readonly daemon: (place: Place) => Promise<Daemon>;
  /** Shell text after which `systemctl` means this one. */
  readonly before: (place: Place) => string;
}

const OTHER_NAMESPACES = ["--ipc", "--cgroup"];

/** Debian's own units must not run: systemd-tmpfiles would empty this machine's /tmp. */
const mounts = (units: string): string => `
set -e
mount --make-rprivate /
mount --make-rshared /
mount -t tmpfs none /run
mount -t tmpfs none /usr/lib/systemd/system-generators
mount -t tmpfs none /usr/lib/systemd/system
mount --bind ${shellQuote(units)} /etc/systemd/system
mount -t cgroup2 none /sys/fs/cgroup
`;

export const systemd: UnitManager = {
  name: "systemd",
  daemon: async ({ folder }) => {
    const units = join(folder, "units");
    await writeFile(
      join(units, "own.target"),
      "[Unit]\nDefaultDependencies=no\nWants=relay.service\n",
    );
    const run = "exec env container=other /usr/lib/systemd/systemd --unit=own.target";
    return inNamespaces(mounts(units) + run, OTHER_NAMESPACES);
  },
  before: ({ pidFile }) =>
    `systemctl() { pid=$(cat ${shellQuote(pidFile)}) && nsenter -a -t $(cat "/proc/$pid/task/$pid/children") systemctl "$@"; }`,
};

/** Whether this machine lets us make the namespaces. */
export function canRunSystemd(): boolean {
  return succeeds(inNamespaces(mounts("/mnt"), OTHER_NAMESPACES));
}
