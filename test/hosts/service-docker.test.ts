/** A container is made of a mount and a process namespace, and `docker` is a stand-in that does what it is told with these. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Place, testService } from "../support/services/service-test";

/** The first process of the container. */
const FIRST = ({ pidFile }: Place): string =>
  `$(pgrep -P "$(cat ${pidFile} 2>/dev/null)" 2>/dev/null)`;

const standIn = (place: Place): string => `#!/bin/sh
first=${FIRST(place)}
case "$*" in
  "ps -q --filter volume=${place.directory}") [ -z "$first" ] || echo web ;;
  "kill -s HUP web") kill -HUP "$first" && echo web ;;
  "exec web "*) shift 2; exec nsenter -t "$first" -m -p -- "$@" ;;
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
    await mkdir(join(folder, "certs"));
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
    const inside = `mount --bind ${directory} ${folder}/certs && exec nginx -c ${folder}/nginx.conf`;
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child"];
    return { command: "unshare", args: [...namespaces, "--", "sh", "-c", inside] };
  },
  before: path,
  test: (place) =>
    `${path(place)}; [ -z "${FIRST(place)}" ] || docker exec web nginx -t -c ${place.folder}/nginx.conf`,
  refused: {
    args: () => ({ files: [{ path: "privkey.pem", content: "privateKey" }] }),
    words: /test: .*key values mismatch/,
  },
});
