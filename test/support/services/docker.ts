/** A Docker of its own, whose containers have this machine's programs and see the certificates as a mounted directory. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { shellQuote } from "../../../sdk/hosts";
import { inNamespaces, succeeds } from "../process/namespaces";
import { missingTools } from "../process/tools";
import type { Daemon, Place } from "./service-test";

/** What runs nginx in a container called `web`. */
export interface ContainerEngine {
  /** For the record. */
  readonly name: string;
  readonly version: readonly [string, ...string[]];
  /** Where the container sees the deployment's directory. */
  readonly certificates: (place: Place) => string;
  readonly daemon: (place: Place, config: string) => Daemon | Promise<Daemon>;
  /** Shell text after which `docker` means this one. */
  readonly before: (place: Place) => string;
}

/** Debian's client, which another on the PATH may hide. */
const CLIENT = "/usr/bin/docker";
const SYSTEM = ["/bin", "/etc", "/lib", "/lib64", "/usr"];

const socketIn = (folder: string): string => `unix://${folder}/docker.sock`;

/** Starts Docker, and runs `command` in a container. */
function script(folder: string, mounts: readonly string[], command: string): string {
  const places = [...SYSTEM.map((path) => `${path}:${path}`), ...mounts];
  return `
mkdir ${folder}/image
dockerd --data-root ${folder}/docker --exec-root ${folder}/run --pidfile ${folder}/docker.pid \\
  --host ${socketIn(folder)} --bridge none --ip-forward=false --iptables=false --ip6tables=false --storage-driver vfs &
export DOCKER_HOST=${socketIn(folder)}
until ${CLIENT} version >/dev/null 2>&1; do kill -0 $! || exit; sleep 0.1; done
tar -C ${folder}/image -c . | ${CLIENT} import - empty
exec ${CLIENT} run --rm --network host --name web --tmpfs /var/lib/nginx ${places.map((place) => `-v ${place}:ro`).join(" ")} \\
  empty ${command}
`;
}

export const docker: ContainerEngine = {
  name: "docker",
  version: [CLIENT, "--version"],
  certificates: () => "/certificates",
  daemon: ({ folder, directory }, config) =>
    inNamespaces(
      script(folder, [`${config}:${config}`, `${directory}:/certificates`], `nginx -c ${config}`),
    ),
  before: ({ folder }) =>
    `export DOCKER_HOST=${shellQuote(socketIn(folder))}; docker() { ${CLIENT} "$@"; }`,
};

/** Whether this machine lets us run containers. */
export function canRunDocker(): boolean {
  if (missingTools("dockerd") !== undefined) return false;
  const folder = mkdtempSync(join(tmpdir(), "docker-"));
  try {
    return succeeds(inNamespaces(script(folder, [], "true")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
