/** A real HAProxy that reads a folder of configurations, and serves nothing of its own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { freePort, isListening } from "../process/ports";
import { startServer } from "../process/server-process";
import { toolPath } from "../process/tool-paths";

export interface Haproxy {
  /** Its `*.cfg` files are read at each reload. */
  readonly configDirectory: string;
  /** Shell commands for a deployment. */
  readonly test: string;
  readonly reload: string;
  stop(): Promise<void>;
}

/** @param folder - of the caller, who removes it */
export async function startHaproxy(folder: string): Promise<Haproxy> {
  const configDirectory = join(folder, "haproxy.d");
  const base = join(folder, "haproxy.cfg");
  const port = await freePort();
  await mkdir(configDirectory);
  // It does not start without a frontend.
  const frontend = `frontend nothing\n  mode http\n  timeout client 5s\n  bind 127.0.0.1:${String(port)}\n`;
  await writeFile(base, `${frontend}  http-request return status 204\n`);
  const files = ["-f", base, "-f", configDirectory];
  const server = await startServer(toolPath("haproxy"), ["-W", "-db", ...files], {
    ready: () => isListening(port),
  });
  return {
    configDirectory,
    test: `${toolPath("haproxy")} -c ${files.join(" ")}`,
    reload: `kill -USR2 ${String(server.pid)}`,
    stop: () => server.stop(),
  };
}
