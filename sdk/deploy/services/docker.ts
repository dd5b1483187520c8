import { shellQuote } from "../../hosts/command/shell";
import type { Deployed, Preset } from "./preset";
import { CHAIN_AND_KEY } from "./preset";

/**
 * SIGHUP to the containers that mount the deployment's directory. It means "reload" to nginx, HAProxy, PostgreSQL, Mosquitto and most
 * others; the first process of a container that has no use for it does not get it (pid_namespaces(7)).
 */
function reload({ directory }: Deployed): string | undefined {
  if (directory === undefined) return undefined;
  const name = shellQuote(directory);
  return [
    `directory=${name}`,
    `containers=$(docker ps -q --filter "volume=$directory") || exit`,
    `[ -n "$containers" ] || { echo "a container that mounts $directory is not running"; exit 1; }`,
    `docker kill -s HUP $containers`,
  ].join("\n");
}

/** A directory that is mounted shows its new files; a file that is mounted by itself stays the old one. */
export const docker: Preset = {
  files: CHAIN_AND_KEY,
  reload,
  installed: { program: "docker", package: "docker.io" },
};
