/** Files on a host as one transaction: touched only where it is needed, owned by their last writer, removed by their owner. */
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { applyPlan, type Plan, removeFiles } from "../../sdk/deploy";
import { localHost as host } from "../../sdk/hosts/local/host";
import { file, listener, logged, places, planIn, snapshot } from "../support/ssh/deploy-host";

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

describe("files on a host", () => {
  it("touches nothing that is there already, and neither tests nor reloads", async () => {
    const test = logged(join(beside, "test"));
    const reload = logged(join(beside, "reload"));
    const same = plan("1", { test: test.command, reload: reload.command });
    await applyPlan(host, same, listener());
    const before = await snapshot(folder);
    const result = await applyPlan(host, same, listener());
    expect(result).toMatchObject({ changed: false, reloaded: false });
    expect(result.files).toHaveLength(2);
    expect(await snapshot(folder)).toEqual(before);
    expect([await test.runs(), await reload.runs()]).toEqual([1, 1]);
    await applyPlan(host, same, { ...listener(), force: true });
    expect([await test.runs(), await reload.runs()]).toEqual([2, 2]);
  });

  it("shows a program that opens the old names at any moment the old files, or the new ones", async () => {
    const { directory = "" } = plan("1");
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "fullchain.pem"), "chain 0\n");
    await writeFile(join(directory, "privkey.pem"), "key 0\n");
    const seen = new Set<string>();
    const over = new AbortController();
    const watch = (async () => {
      while (!over.signal.aborted) {
        seen.add(await readFile(join(directory, "fullchain.pem"), "utf8"));
      }
    })();
    for (const version of ["1", "2", "3"]) await applyPlan(host, plan(version), listener());
    over.abort();
    await watch;
    for (const content of seen) expect(content).toMatch(/^chain [0-3]\n$/);
    expect(seen).toContain("chain 0\n");
  });

  it("lets two resources share a directory, and each removes what is its own", async () => {
    const { directory = "" } = plan("1");
    const other: Plan = {
      resource: "second",
      directory,
      files: [file(join(directory, "other.pem"), "other 1\n")],
    };
    await applyPlan(host, plan("1"), listener());
    await applyPlan(host, other, listener());
    await applyPlan(host, plan("2"), listener());
    expect(await readFile(join(directory, "other.pem"), "utf8")).toBe("other 1\n");
    const paths = plan("1").files.map(({ path }) => path);
    await removeFiles(host, "first", [...paths, join(directory, "other.pem")]);
    expect(await readFile(join(directory, "other.pem"), "utf8")).toBe("other 1\n");
    await expect(stat(paths[0] ?? "")).rejects.toThrow(/ENOENT/);
    await removeFiles(host, "second", [join(directory, "other.pem")]);
    await expect(stat(directory)).rejects.toThrow(/ENOENT/);
  });

  it("gives a file to its last writer, also where that one found nothing to write", async () => {
    await applyPlan(host, plan("1"), listener());
    const before = await snapshot(folder);
    const successor = plan("1", { resource: "successor", test: "exit 1" });
    expect(await applyPlan(host, successor, listener())).toMatchObject({ changed: false });
    const after = await snapshot(folder);
    for (const name of Object.keys(before).filter((path) => !path.endsWith(".pulumi-acme")))
      expect(after[name]).toBe(before[name]);
    const words = listener();
    const paths = plan("1").files.map(({ path }) => path);
    await removeFiles(host, "first", paths, words);
    expect(await snapshot(folder)).toEqual(after);
    expect(words.warnings).toHaveLength(2);
    await removeFiles(host, "successor", paths);
    expect(Object.keys(await snapshot(folder))).toEqual(["ssl"]);
  });

  it("leaves a file that somebody changed since, and a directory that was there before", async () => {
    const { directory = "" } = plan("1");
    await mkdir(directory, { recursive: true });
    await applyPlan(host, plan("1"), listener());
    await writeFile(join(directory, "privkey.pem"), "changed by hand\n");
    const words = listener();
    await removeFiles(
      host,
      "first",
      plan("1").files.map(({ path }) => path),
      words,
    );
    expect(words.warnings).toEqual([expect.stringMatching(/privkey\.pem is left.*changed since/)]);
    expect(await readFile(join(directory, "privkey.pem"), "utf8")).toBe("changed by hand\n");
    await rm(directory, { recursive: true });
    await mkdir(directory, { recursive: true });
    await applyPlan(host, plan("1"), listener());
    await removeFiles(
      host,
      "first",
      plan("1").files.map(({ path }) => path),
    );
    expect(await readdir(directory)).toEqual([]);
  });

  it("puts everything back when it is given up, and fails with the reason for that", async () => {
    await applyPlan(host, plan("1"), listener());
    const before = await snapshot(folder);
    const reload = logged(join(beside, "reload"));
    const controller = new AbortController();
    const verify = async (signal?: AbortSignal): Promise<void> => {
      controller.abort(new Error("interrupted"));
      await Promise.resolve();
      signal?.throwIfAborted();
    };
    const context = { ...listener(), signal: controller.signal, verify };
    await expect(applyPlan(host, plan("2", { reload: reload.command }), context)).rejects.toThrow(
      /^interrupted$/,
    );
    expect(await snapshot(folder)).toEqual(before);
    expect(await reload.runs()).toBe(2);
  });

  it("does not even reload when it is given up before that", async () => {
    await applyPlan(host, plan("1"), listener());
    const before = await snapshot(folder);
    const reload = logged(join(beside, "reload"));
    const controller = new AbortController();
    const progress = (message: string): void => {
      if (message.startsWith("testing")) controller.abort(new Error("interrupted"));
    };
    const context = { ...listener(), progress, signal: controller.signal };
    const next = plan("2", { test: "true", reload: reload.command });
    await expect(applyPlan(host, next, context)).rejects.toThrow(/^interrupted$/);
    expect(await snapshot(folder)).toEqual(before);
    expect(await reload.runs()).toBe(0);
  });

  it("does not wait for a daemon that a reload starts and leaves behind", async () => {
    const pidFile = join(beside, "pid");
    const reload = `sleep 60 & echo $! >'${pidFile}'`;
    const started = Date.now();
    await applyPlan(host, plan("1", { reload }), listener());
    expect(Date.now() - started).toBeLessThan(20_000);
    process.kill(Number(await readFile(pidFile, "utf8")));
  });
});
