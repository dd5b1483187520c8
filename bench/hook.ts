/** The hook with lego's contract that all contestants of the DNS bench run: it hands its arguments to this process. Bench. */
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

export interface Hook {
  /** The program. */
  readonly path: string;
  readonly stop: () => Promise<void>;
}

/** `present <record name>. <value>`, or `cleanup …`. */
export type Call = (action: string, name: string, value: string) => void;

/** A hook should cost nearly nothing: what is compared is how clients wait. So Bash, and no HTTP. */
export async function installHook(folder: string, onCall: Call): Promise<Hook> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined).setEncoding("utf8");
    let line = "";
    socket.on("data", (text: string) => {
      line += text;
      if (!line.endsWith("\n")) return;
      const [action = "", name = "", value = ""] = line.trim().split(" ");
      onCall(action, name.replace(/\.$/, "").toLowerCase(), value);
      socket.end("done\n");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const path = join(folder, "hook");
  const script = [
    "#!/usr/bin/env bash",
    "set -e",
    `exec 3<>/dev/tcp/127.0.0.1/${String(port)}`,
    'echo "$*" >&3',
    "read -r <&3",
  ];
  await writeFile(path, `${script.join("\n")}\n`, { mode: 0o755 });
  return {
    path,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
