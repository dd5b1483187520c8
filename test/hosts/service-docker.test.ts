/** `docker` is a stand-in with one container that mounts the deployment's directory: its commands are run here. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Place, testService } from "../support/services/service-test";

const standIn = ({ directory, pidFile }: Place): string => `#!/bin/sh
case "$*" in
  "ps -q --filter volume=${directory}") [ ! -e ${pidFile} ] || echo web ;;
  "kill -s HUP web") kill -HUP "$(cat ${pidFile})" && echo web ;;
  "exec web "*) shift 2; exec "$@" ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
`;

const path = ({ folder }: Place): string => `PATH=${folder}/bin:$PATH; export PATH`;

testService({
  service: "docker",
  tools: ["nginx"],
  version: ["sh", "-c", "nginx -v 2>&1"],
  name: "a stand-in for docker, with nginx",
  daemon: async (place) => {
    const { folder, directory, port } = place;
    await mkdir(join(folder, "bin"));
    await symlink(directory, join(folder, "certs"));
    await writeFile(join(folder, "bin", "docker"), standIn(place), { mode: 0o755 });
    await writeFile(
      join(folder, "nginx.conf"),
      `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${String(port)} ssl;
    ssl_certificate ${folder}/certs/fullchain.pem;
    ssl_certificate_key ${folder}/certs/privkey.pem;
  }
}
`,
    );
    return { command: "nginx", args: ["-c", join(folder, "nginx.conf")] };
  },
  before: path,
  test: (place) => `${path(place)}; docker exec web nginx -t -c ${place.folder}/nginx.conf`,
  refused: {
    args: () => ({ files: [{ path: "privkey.pem", content: "privateKey" }] }),
    words: /test: .*key values mismatch/,
  },
});
