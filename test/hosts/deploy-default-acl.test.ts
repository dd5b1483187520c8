/** A directory's default access list, which replaces the umask for whatever is made there, shows a key to nobody. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";

import { applyPlan } from "../../sdk/deploy";
import { localHost as host } from "../../sdk/hosts/local/host";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";
import { describeUnless, missingTools } from "../support/process/tools";
import { ATTACKER } from "../support/ssh/attacker";
import { file, listener } from "../support/ssh/deploy-host";
import { cannotMakeUsers } from "../support/ssh/system-user";

/** Opens whatever it can below a folder, as often as it can, and says what it has read of it, at the end. */
const READER = `
  const fs = require("node:fs");
  const [folder] = process.argv.slice(1);
  const open = new Map();
  let over = false;
  process.stdin.on("end", () => (over = true)).resume();
  const attempt = (action) => { try { return action(); } catch { return undefined; } };
  const look = (path, depth) => {
    for (const name of attempt(() => fs.readdirSync(path)) ?? []) {
      const inner = path + "/" + name;
      const inode = attempt(() => fs.lstatSync(inner).ino);
      const flags = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;
      if (inode !== undefined && !open.has(inode)) {
        const descriptor = attempt(() => fs.openSync(inner, flags));
        if (descriptor !== undefined) open.set(inode, descriptor);
      }
      if (depth > 0) look(inner, depth - 1);
    }
  };
  process.stdout.write("ready\\n");
  const turn = () => {
    for (let times = 0; times < 50; times++) look(folder, 2);
    if (!over) return void setImmediate(turn);
    for (const descriptor of open.values())
      process.stdout.write(attempt(() => fs.readFileSync(descriptor)) ?? "");
  };
  turn();
`;

describeUnless(
  cannotMakeUsers() ?? missingTools("setfacl"),
  "in a directory with a default access list",
  () => {
    let folder: TemporaryDirectory;
    let directory: string;
    beforeEach(async () => {
      folder = await temporaryDirectory("acl-");
      await chmod(folder.path, 0o755);
      directory = join(folder.path, "ssl");
      await mkdir(directory, { mode: 0o755 });
      // setfacl adds default:other::r-x by itself.
      execFileSync("setfacl", ["-d", "-m", "u:nobody:rwX", directory]);
      return () => folder.remove();
    });

    const key = (version: number, acl?: readonly string[]) =>
      file(join(directory, "privkey.pem"), `SECRET ${String(version)}\n`, { mode: "0600", acl });
    const deploy = (version: number, acl?: readonly string[]) => {
      const chain = file(join(directory, "fullchain.pem"), `chain ${String(version)}\n`);
      const single = file(join(folder.path, "ssl/sub/other.key"), "SECRET\n", { mode: "0600" });
      const files = [chain, key(version, acl), single];
      return applyPlan(host, { resource: "first", directory, files }, listener());
    };

    it("nobody reads a key while it is written, nor afterwards", async () => {
      const reader = spawn(process.execPath, ["-e", READER, directory], {
        ...{ uid: ATTACKER, gid: ATTACKER, cwd: "/", env: {} },
        stdio: ["pipe", "pipe", "inherit"],
      });
      const read: string[] = [];
      reader.stdout.on("data", (chunk: Buffer) => read.push(chunk.toString()));
      await once(reader.stdout, "data");
      for (let version = 0; version < 15; version++) await deploy(version);
      reader.stdin.end();
      await once(reader, "close");
      // It did read what is for everybody.
      expect(read.join("")).toContain("chain");
      expect(read.join("")).not.toContain("SECRET");
    });

    it("an access list that is asked for does not put the directory's in force", async () => {
      await deploy(1, ["u:daemon:r"]);
      const path = join(directory, "privkey.pem");
      const list = execFileSync("getfacl", ["-cpL", path], { encoding: "utf8" });
      expect(list).toContain("user:daemon:r--");
      expect(list).not.toContain("nobody");
      expect(list).toContain("other::---");
    });
  },
);
