/** Ports of the host that `ssh` forwards to this process, through its control socket. */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

import { hostAndPort } from "../../util/host-name";
import type { Accept } from "../host";
import { ForwardingRefused } from "../ssh2/reverse-tunnels";
import { gather, type RunningCommand } from "../command/running";

export interface ControlledBy {
  /** Runs `ssh` with these options against the control socket. */
  readonly ssh: (options: readonly string[]) => Promise<RunningCommand>;
  /** For the socket that the connections come in by: private, and gone with the session. */
  readonly folder: string;
}

/**
 * Forwards the host's port to a socket of ours.
 *
 * @returns what ends it
 * @throws {@link ForwardingRefused}
 */
export async function forwardByOpenSsh(
  { ssh, folder }: ControlledBy,
  address: string,
  port: number,
  accept: Accept,
): Promise<() => Promise<void>> {
  const path = join(folder, `in-${randomBytes(4).toString("hex")}`);
  const server = createServer((connection) => {
    connection.on("error", () => undefined);
    accept(connection);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(path, resolve);
  });
  // For `ssh` an empty address is the loopback interface, and "*" what RFC 4254 §7.1 calls the empty one.
  const forward = `${hostAndPort(address === "" ? "*" : address, port)}:${path}`;
  try {
    await control(ssh, "forward", forward);
  } catch (error) {
    close(server);
    throw error;
  }
  return async () => {
    try {
      await control(ssh, "cancel", forward);
    } finally {
      close(server);
    }
  };
}

async function control(
  ssh: ControlledBy["ssh"],
  action: "forward" | "cancel",
  forward: string,
): Promise<void> {
  const running = await ssh(["-O", action, "-R", forward]);
  const said = gather(running.stderr, 4096);
  running.stdout.resume();
  running.stdin.end();
  if ((await running.exited) !== 0) throw new ForwardingRefused(said.text().trim());
}

/** Connections that are open live on. */
function close(server: Server): void {
  server.close();
  server.unref();
}
