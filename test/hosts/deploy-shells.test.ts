/** The program of a deployment on the shells that hosts have: written, switched together, put back, removed. */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { applyPlan, type Plan, readFiles } from "../../sdk/deploy";
import type { Host } from "../../sdk/hosts";
import { describeWithTools } from "../support/process/tools";
import {
  file,
  listener,
  logged,
  places,
  planIn,
  SHELLS,
  snapshot,
} from "../support/ssh/deploy-host";

let folder: string;
let beside: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, beside, remove } = await places());
});
afterEach(() => remove());

function plan(version: string, more: Partial<Plan> = {}): Plan {
  return planIn(folder, version, more);
}

for (const shell of SHELLS) {
  describeWithTools(shell.needs, `with ${shell.name}`, () => {
    let host: Host;
    beforeEach(async () => {
      const tools = join(beside, "tools");
      await mkdir(tools);
      host = shell.host(tools);
    });

    it("makes the directory 0755, and the files with their modes, owners and groups", async () => {
      const { directory = "" } = plan("1");
      const result = await applyPlan(host, plan("1"), listener());
      expect(result).toMatchObject({ changed: true, reloaded: false });
      expect((await stat(directory)).mode & 0o7777).toBe(0o755);
      expect((await stat(dirname(directory))).mode & 0o7777).toBe(0o755);
      expect((await stat(join(directory, "privkey.pem"))).mode & 0o7777).toBe(0o600);
      expect(await readFile(join(directory, "fullchain.pem"), "utf8")).toBe("chain 1\n");
      const mine = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
      expect(result.files[1]).toMatchObject({ mode: "0600", owner: mine });
      expect(await readFiles(host, [join(directory, "privkey.pem")])).toEqual(
        new Map([[result.files[1]?.path, expect.objectContaining(result.files[1] ?? {})]]),
      );
    });

    it("switches the files of one directory by one rename", async () => {
      await applyPlan(host, plan("1"), listener());
      const { directory = "" } = plan("1");
      expect(await readlink(join(directory, "fullchain.pem"))).toBe(".current/fullchain.pem");
      expect(await readlink(join(directory, "privkey.pem"))).toBe(".current/privkey.pem");
      const first = await readlink(join(directory, ".current"));
      await applyPlan(host, plan("2"), listener());
      expect(await readlink(join(directory, ".current"))).not.toBe(first);
      expect(await readFile(join(directory, "privkey.pem"), "utf8")).toBe("key 2\n");
      // Nothing of the first version is left.
      const names = await readdir(directory);
      expect(names.filter((name) => name.startsWith(".v-"))).toHaveLength(1);
      expect(names).toHaveLength(5);
    });

    it("puts everything back, to the inode, when the test fails; and reloads nothing", async () => {
      const reload = logged(join(beside, "reload"));
      const single = join(folder, "single.pem");
      await applyPlan(
        host,
        plan("1", { files: [...plan("1").files, file(single, "1")] }),
        listener(),
      );
      const before = await snapshot(folder);
      const files = [
        ...plan("2").files,
        file(single, "2"),
        file(join(folder, "new", "x.pem"), "2"),
      ];
      const failing = plan("2", {
        files,
        test: `cat '${single.replaceAll("'", "'\\''")}'; echo ' is wrong' >&2; exit 3`,
        reload: reload.command,
      });
      await expect(applyPlan(host, failing, listener())).rejects.toMatchObject({
        name: "HostError",
        code: "command",
        step: "test",
        exitCode: 3,
        // The test saw the new file.
        message: expect.stringContaining(
          "test: 2 is wrong (exit code 3); the old files are in use",
        ) as string,
      });
      expect(await snapshot(folder)).toEqual(before);
      expect(await reload.runs()).toBe(0);
    });

    it("puts everything back and reloads once more when the reload fails", async () => {
      await applyPlan(host, plan("1"), listener());
      const before = await snapshot(folder);
      // The first run fails, the one after the roll-back does not.
      const reload = logged(
        join(beside, "reload"),
        `[ "$(wc -l <'${join(beside, "reload")}')" -ne 1 ]`,
      );
      await expect(
        applyPlan(host, plan("2", { reload: reload.command }), listener()),
      ).rejects.toMatchObject({
        step: "reload",
        message: expect.stringMatching(/were reloaded$/) as string,
      });
      expect(await reload.runs()).toBe(2);
      expect(await snapshot(folder)).toEqual(before);
    });

    it("puts everything back and reloads once more when the verdict is no", async () => {
      const reload = logged(join(beside, "reload"));
      await applyPlan(host, plan("1"), listener());
      const before = await snapshot(folder);
      let during = "";
      const verify = async (): Promise<void> => {
        during = await readFile(join(folder, "ssl", "site", "privkey.pem"), "utf8");
        throw new Error("another certificate is served");
      };
      await expect(
        applyPlan(host, plan("2", { reload: reload.command }), { ...listener(), verify }),
      ).rejects.toThrow(/verify: another certificate is served; the old files are in use again/);
      expect(during).toBe("key 2\n");
      expect(await reload.runs()).toBe(2);
      expect(await snapshot(folder)).toEqual(before);
    });

    it("takes over plain files and links that were there, and brings them back when it must", async () => {
      const { directory = "" } = plan("1");
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, "elsewhere.pem"), "chain by hand\n");
      await symlink("elsewhere.pem", join(directory, "fullchain.pem"));
      await writeFile(join(directory, "privkey.pem"), "key by hand\n", { mode: 0o640 });
      const before = await snapshot(folder);
      const failing = plan("1", { test: "exit 1" });
      await expect(applyPlan(host, failing, listener())).rejects.toThrow(/test/);
      expect(await snapshot(folder)).toEqual(before);
      await applyPlan(host, plan("1"), listener());
      expect(await readFile(join(directory, "fullchain.pem"), "utf8")).toBe("chain 1\n");
      expect(await readFile(join(directory, "elsewhere.pem"), "utf8")).toBe("chain by hand\n");
      expect(await readlink(join(directory, "privkey.pem"))).toBe(".current/privkey.pem");
    });

    it("removes in the same switch what a plan no longer has, or nothing at all", async () => {
      const old = join(folder, "old.conf");
      const now = join(folder, "now.conf");
      const base = { resource: "first" };
      await applyPlan(host, { ...base, files: [file(old, "old")] }, listener());
      const before = await snapshot(folder);
      const change = { ...base, files: [file(now, "now")], remove: [old] };
      await expect(applyPlan(host, { ...change, test: "exit 1" }, listener())).rejects.toThrow(
        /test/,
      );
      expect(await snapshot(folder)).toEqual(before);
      await applyPlan(host, change, listener());
      expect((await readdir(folder)).sort()).toEqual([".pulumi-acme", "now.conf"]);
      expect(await applyPlan(host, change, listener())).toMatchObject({ changed: false });
    });

    it("runs the user's commands as they would run by themselves: umask, signals, no input", async () => {
      const report = join(beside, "report");
      const test = `{ umask; cat; sh -c 'kill -HUP $$; echo survived'; } >'${report}' 2>&1; touch '${report}.new'`;
      await applyPlan(host, plan("1", { test }), listener());
      const mask = execFileSync("sh", ["-c", "umask"], { encoding: "utf8" });
      const [seenMask, ...rest] = (await readFile(report, "utf8")).split("\n");
      expect(Number.parseInt(seenMask ?? "", 8)).toBe(Number.parseInt(mask, 8));
      const survives = shell.restoresSignals === false;
      expect(rest.join("\n").includes("survived")).toBe(survives);
    });
  });
}
