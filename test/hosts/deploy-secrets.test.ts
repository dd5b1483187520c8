/** What others on the host can see of a private key while it is deployed: nothing. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Host } from "../../sdk/hosts";
import { describeWithTools } from "../support/process/tools";
import { file, places, planIn, SHELLS } from "../support/ssh/deploy-host";
import { payloadOf, startProgram, until } from "../support/ssh/deploy-program";

let folder: string;
let beside: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, beside, remove } = await places());
});
afterEach(() => remove());

const SECRET = Buffer.alloc(60_000, "a key that nobody may see ").toString();
const ENCODED = Buffer.from(SECRET).toString("base64").slice(0, 60);

for (const shell of SHELLS) {
  describeWithTools(shell.needs, `with ${shell.name}, a secret`, () => {
    it("stands on no command line and in no file that others can read, at any step", async () => {
      const host: Host = shell.host(beside);
      const { directory = "" } = planIn(folder, "1");
      const files = [
        file(join(directory, "privkey.pem"), SECRET, { mode: "0600" }),
        file(join(folder, "bundle.pem"), SECRET, { mode: "0640" }),
      ];
      const own = process.umask(0);
      try {
        const talk = await startProgram(host);
        const payload = payloadOf(planIn(folder, "1", { files, reload: "true" }), "first", 20);
        // In the middle of each file, and between them.
        const pieces: string[] = payload.match(/[^]{1,25000}/g) ?? [];
        expect(pieces.length).toBeGreaterThan(6);
        for (const piece of pieces) {
          await talk.write(piece);
          await sleep(50);
          // By the second half the first file is whole.
          await look(pieces.indexOf(piece) > pieces.length / 2);
        }
        await until(talk, "ready");
        await look(true);
        await talk.write("reload\n");
        await until(talk, "verify");
        await look(true);
        await talk.write("commit\n");
        await until(talk, "done");
        await talk.end();
      } finally {
        process.umask(own);
      }
      await look(true);
      expect(await readFile(join(folder, "bundle.pem"), "utf8")).toBe(SECRET);
    });
  });
}

/** @param written - whether a part of the secret must be on the disk by now: else nothing could be found. */
async function look(written: boolean): Promise<void> {
  const isOnDisk = async () => (await filesBelow(folder)).some(({ secret }) => secret);
  if (written) await expect.poll(isOnDisk, { timeout: 10_000 }).toBe(true);
  const found = await filesBelow(folder);
  expect(found.filter(({ secret, forOthers }) => secret && forOthers)).toEqual([]);
  expect(await processesThatShow([ENCODED, SECRET.slice(0, 25)])).toEqual([]);
}

async function filesBelow(
  path: string,
): Promise<{ name: string; secret: boolean; forOthers: boolean }[]> {
  const found = [];
  for (const name of await readdir(path, { recursive: true }).catch(() => [])) {
    const facts = await stat(join(path, name)).catch(() => undefined);
    // What is read from a pipe is gone for whom it was meant for.
    if (facts?.isFile() !== true) continue;
    const content = await readFile(join(path, name), "utf8").catch(() => "");
    const secret = content.includes(SECRET.slice(0, 25));
    found.push({ name, secret, forOthers: (facts.mode & 0o004) !== 0 });
  }
  return found;
}

/** Names of `/proc` files of other processes that hold one of `words`. */
async function processesThatShow(words: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    for (const name of ["cmdline", "environ"]) {
      const text = await readFile(join("/proc", pid, name), "utf8").catch(() => "");
      if (words.some((word) => text.includes(word))) found.push(`${pid}/${name}`);
    }
  }
  return found;
}
