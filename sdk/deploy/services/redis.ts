import { shellQuote } from "../../hosts/command/shell";
import type { Deployed, Preset } from "./preset";
import { readableByGroup } from "./preset";

/**
 * It reads the files again when it is told their names, also the same ones. Where TLS has the port, `redis-cli` without it is hung up on;
 * with it, it would wait for ever at a port without TLS.
 */
function reload({ paths: { fullchain, privateKey } }: Deployed): string | undefined {
  if (fullchain === undefined || privateKey === undefined) return undefined;
  const files = `tls-cert-file ${shellQuote(fullchain)} tls-key-file ${shellQuote(privateKey)}`;
  return [
    `set_files() { redis-cli -p "\${ACME_PORT:-6379}" "$@" CONFIG SET ${files} 2>&1; }`,
    `said=$(set_files)`,
    `case $said in *reset* | *closed* | *I/O*) said=$(set_files --tls --insecure) ;; esac`,
    // It exits with 0 whatever the answer is.
    `[ "$said" = OK ] || { echo "$said"; exit 1; }`,
  ].join("\n");
}

/** Refused files leave the former ones in use. */
export const redis: Preset = {
  files: readableByGroup("redis"),
  reload,
  port: 6379,
  installed: { program: "redis-cli", package: "redis-server" },
};
