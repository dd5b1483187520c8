/** In place of `docker` where Docker cannot be run: one container that mounts the deployment's directory; its commands are run here. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { ContainerEngine } from "./docker";
import type { Place } from "./service-test";

const standIn = ({ directory, pidFile }: Place): string => `#!/bin/sh
case "$*" in
  "ps -q --filter volume=${directory}" | "ps -q --filter name=^web$") [ ! -e ${pidFile} ] || echo web ;;
  "kill -s HUP web") kill -HUP "$(cat ${pidFile})" && echo web ;;
  "exec web "*) shift 2; exec "$@" ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
`;

export const dockerStandIn: ContainerEngine = {
  name: "a stand-in for docker, with nginx",
  version: ["sh", "-c", "nginx -v 2>&1"],
  certificates: ({ folder }) => join(folder, "certs"),
  daemon: async (place, config) => {
    const { folder, directory } = place;
    await mkdir(join(folder, "bin"));
    await symlink(directory, join(folder, "certs"));
    await writeFile(join(folder, "bin", "docker"), standIn(place), { mode: 0o755 });
    return { command: "nginx", args: ["-c", config] };
  },
  before: ({ folder }) => `PATH=${folder}/bin:$PATH; export PATH`,
};
