/** A hook with lego's contract, for a DNS where a record appears a while after it was asked for. */
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { ChallTestServer } from "../test/support/ca/challtestsrv";
import { closeServer, listenOn } from "../test/support/process/ports";

export interface SlowHook {
  /** The program: `present|cleanup <record name>. <value>`. */
  readonly path: string;
  /** How often it was run. */
  readonly calls: () => number;
  readonly stop: () => Promise<void>;
}

/** @param delayMs - from the call to the record */
export async function installSlowHook(
  folder: string,
  dns: ChallTestServer,
  delayMs: number,
): Promise<SlowHook> {
  let calls = 0;
  const pending = new Map<string, NodeJS.Timeout>();
  const call = async (action: string, name: string, value: string): Promise<void> => {
    calls++;
    clearTimeout(pending.get(name));
    if (action === "cleanup") await dns.clearTxt(name);
    else
      pending.set(
        name,
        setTimeout(() => void dns.setTxt(name, value), delayMs),
      );
  };
  const calling = await listen(call);
  const path = join(folder, "hook");
  await writeFile(path, programFor(calling.port), { mode: 0o755 });
  return {
    path,
    calls: () => calls,
    stop: async () => {
      for (const timer of pending.values()) clearTimeout(timer);
      await calling.stop();
    },
  };
}

/** Bash, and no HTTP: a hook should cost nearly nothing, because what is compared is how clients wait. */
function programFor(port: number): string {
  return `#!/usr/bin/env bash
set -e
exec 3<>/dev/tcp/127.0.0.1/${String(port)}
echo "$*" >&3
read -r <&3
`;
}

/** One line in, one line out. */
async function listen(
  call: (action: string, name: string, value: string) => Promise<void>,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined).setEncoding("utf8");
    let line = "";
    socket.on("data", (text: string) => {
      line += text;
      if (!line.endsWith("\n")) return;
      const [action = "", name = "", value = ""] = line.trim().split(" ");
      // Without its line the program fails.
      call(action, name, value).then(
        () => socket.end("done\n"),
        () => socket.destroy(),
      );
    });
  });
  return { port: await listenOn(server), stop: () => closeServer(server) };
}
