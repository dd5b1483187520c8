/** The program on the host when our side says nothing, and when commands do not end: it decides by itself, for the old files. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Plan } from "../../sdk/deploy";
import { unpack } from "../../sdk/deploy/records";
import type { Conversation, Host } from "../../sdk/hosts";
import { describeWithTools } from "../support/process/tools";
import { payloadOf, startProgram, until } from "../support/ssh/deploy-program";
import { logged, places, planIn, SHELLS, snapshot } from "../support/ssh/deploy-host";

let folder: string;
let beside: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, beside, remove } = await places());
});
afterEach(() => remove());

async function begin(host: Host, plan: Plan, nonce: string): Promise<Conversation> {
  const talk = await startProgram(host);
  await talk.write(payloadOf(plan, nonce));
  return talk;
}

async function deployed(host: Host, plan: Plan, nonce: string): Promise<void> {
  const talk = await begin(host, plan, nonce);
  if (plan.reload !== undefined) {
    await until(talk, "ready");
    await talk.write("reload\n");
  }
  await until(talk, "verify");
  await talk.write("commit\n");
  await until(talk, "done");
  expect((await talk.end()).code).toBe(0);
}

for (const shell of SHELLS) {
  describeWithTools(shell.needs, `with ${shell.name}, the program`, () => {
    let host: Host;
    let before: Record<string, string>;
    beforeEach(async () => {
      const tools = join(beside, "tools");
      await mkdir(tools);
      host = shell.host(tools);
      await deployed(host, planIn(folder, "1"), "first");
      before = await snapshot(folder);
    });

    it("puts the old files back and reloads them when no verdict comes", async () => {
      const reload = logged(join(beside, "reload"));
      const talk = await begin(host, planIn(folder, "2", { reload: reload.command }), "second");
      await until(talk, "ready");
      await talk.write("reload\n");
      await until(talk, "verify");
      const chain = join(folder, "ssl", "site", "fullchain.pem");
      expect(await readFile(chain, "utf8")).toBe("chain 2\n");
      const [, step, , said, aftermath] = await until(talk, "failed", "done");
      expect([unpack(step), unpack(said), aftermath]).toEqual(["verify", "late", "reloaded"]);
      expect(await snapshot(folder)).toEqual(before);
      expect(await reload.runs()).toBe(2);
      expect((await talk.end()).code).toBe(3);
    });

    it("puts the old files back, and reloads nothing, when nobody lets it reload", async () => {
      const reload = logged(join(beside, "reload"));
      const talk = await begin(host, planIn(folder, "2", { reload: reload.command }), "second");
      const [, step, , said, aftermath] = await until(talk, "failed", "done");
      expect([unpack(step), unpack(said), aftermath]).toEqual([
        "wait for the reload",
        "late",
        "restored",
      ]);
      expect(await snapshot(folder)).toEqual(before);
      expect(await reload.runs()).toBe(0);
      await talk.end();
    });

    it("stops a test that does not end, says so, and puts the old files back", async () => {
      const test = "echo looking; exec sleep 30";
      const talk = await begin(host, planIn(folder, "2", { test }), "second");
      const started = Date.now();
      const [, step, , said] = await until(talk, "failed", "done");
      expect(unpack(step)).toBe("test");
      expect(unpack(said)).toBe("looking\nit did not end in time, and was stopped\n");
      expect(Date.now() - started).toBeLessThan(15_000);
      expect(await snapshot(folder)).toEqual(before);
      await talk.end();
    });

    it("takes nothing that other programs print for its own words, or for ours", async () => {
      const test = `echo 'tag done'; echo commit; cat`;
      const reload = "echo 'tag failed'; echo rollback >&2";
      await deployed(host, planIn(folder, "2", { test, reload }), "second");
      const key = join(folder, "ssl", "site", "privkey.pem");
      expect(await readFile(key, "utf8")).toBe("key 2\n");
    });
  });
}
