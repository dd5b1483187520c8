/** The way of `ssh` to a host behind a jump host: through the jump host's session, whatever its transport. */
import { createServer, type Server } from "node:net";
import { join } from "node:path";

import { shellQuote } from "../command/shell";
import type { Connection } from "../host";
import type { Session } from "../session";
import { DEFAULT_PORT } from "../target";

export interface Bridge {
  /** For `ProxyCommand`. */
  readonly command: string;
  readonly failure: () => unknown;
  readonly close: () => void;
}

/** A socket in `folder` that leads to the host through the jump host's session. */
export async function bridgeTo(
  connection: Connection,
  through: Session,
  folder: string,
): Promise<Bridge> {
  const path = join(folder, "jump");
  let failure: unknown;
  const server: Server = createServer((near) => {
    near.on("error", () => undefined);
    through.connect(connection.host, connection.port ?? DEFAULT_PORT).then(
      (far) => {
        far.on("error", () => near.destroy()).on("close", () => near.destroy());
        near.on("close", () => far.destroy());
        near.pipe(far).pipe(near);
      },
      (error: unknown) => {
        failure = error;
        near.destroy();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(path, resolve);
  });
  const script =
    "const s=require('net').connect(process.argv[1]);s.on('error',()=>process.exit(1)).on('close',()=>process.exit(0));process.stdin.pipe(s).pipe(process.stdout)";
  const command = [process.execPath, "-e", script, path].map(shellQuote).join(" ");
  return {
    // ssh replaces what follows a "%".
    command: command.replaceAll("%", "%%"),
    failure: () => failure,
    close: () => {
      server.close();
    },
  };
}
