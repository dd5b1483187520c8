/** What goes wrong on a host in the middle of a deployment: nothing is switched, nothing is left, the reason is said. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { applyPlan, type Plan, readFiles } from "../../sdk/deploy";
import type { Host } from "../../sdk/hosts";
import { localHost as host } from "../../sdk/hosts/local/host";
import { cannotMakeUsers } from "../support/ssh/system-user";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { file, listener, places, planIn, snapshot, through } from "../support/ssh/deploy-host";
import { payloadOf, startProgram, until } from "../support/ssh/deploy-program";

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

/** All that the program calls; `flock` and `setfacl` are used where they are there, or asked for. */
const NEEDED = [
  ...["base64", "basename", "cat", "chmod", "chown", "cmp", "cp", "cut", "dirname", "grep", "head"],
  ...["id", "ln", "mkdir", "mkfifo", "mv", "ps", "readlink", "rm", "rmdir", "sed", "sh"],
  ...["sha256sum", "sleep", "stat", "sync", "tail", "tr"],
];

/** This machine with these tools alone. */
async function hostWith(folderOfTools: string, tools: readonly string[]): Promise<Host> {
  await mkdir(folderOfTools, { recursive: true });
  for (const tool of tools) {
    const path = execFileSync("which", [tool], { encoding: "utf8" }).trim();
    await symlink(path, join(folderOfTools, tool));
  }
  const shell = join(folderOfTools, "sh");
  return through(`PATH='${folderOfTools}'; export PATH; exec '${shell}' -c`);
}

describe("before the switch", () => {
  it("refuses to lay a file where a directory is, and leaves no directory that it made", async () => {
    await mkdir(join(folder, "taken.pem"));
    const files = [...plan("1").files, file(join(folder, "taken.pem"), "1")];
    await expect(applyPlan(host, plan("1", { files }), listener())).rejects.toMatchObject({
      code: "command",
      message: expect.stringMatching(
        /taken\.pem: it is (not a regular file|a directory)/,
      ) as string,
    });
    expect(await readdir(folder)).toEqual(["taken.pem"]);
  });

  it.each(["releases/7", ".v-1-x/../.."])("refuses a .current that leads to %s", async (target) => {
    const { directory = "" } = plan("1");
    await mkdir(join(directory, ".v-1-x"), { recursive: true });
    await symlink(target, join(directory, ".current"));
    const before = await snapshot(folder);
    await expect(applyPlan(host, plan("1"), listener())).rejects.toThrow(
      `.current leads to ${target}, which is not from here`,
    );
    expect(await snapshot(folder)).toEqual(before);
  });

  it("says which owner does not exist", async () => {
    const files = [file(join(folder, "x.pem"), "1", { owner: "nobody-of-this-name" })];
    await expect(applyPlan(host, { resource: "first", files }, listener())).rejects.toThrow(
      /give .*x\.pem to nobody-of-this-name: .*invalid user/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it("names the tool that the host lacks", async () => {
    const tools = join(beside, "few");
    const poor = await hostWith(
      tools,
      NEEDED.filter((tool) => tool !== "base64"),
    );
    await expect(applyPlan(poor, plan("1"), listener())).rejects.toThrow(
      /base64 is missing there; install it/,
    );
  });

  it("waits for a run of another process in the directory, and does not mix with it", async () => {
    const { directory = "" } = plan("1");
    const holder = await startProgram(host);
    const theirs = [file(join(directory, "theirs.pem"), "theirs")];
    await holder.write(payloadOf({ resource: "other", directory, files: theirs }, "other", 20));
    await until(holder, "verify");
    let done = false;
    const applied = applyPlan(host, plan("1"), listener()).then(() => (done = true));
    await sleep(1000);
    expect(done).toBe(false);
    expect(await readFile(join(directory, "fullchain.pem"), "utf8").catch(() => "none")).toBe(
      "none",
    );
    await holder.write("commit\n");
    await until(holder, "done");
    await holder.end();
    await applied;
    expect(await readFile(join(directory, "theirs.pem"), "utf8")).toBe("theirs");
    expect(await readFile(join(directory, "fullchain.pem"), "utf8")).toBe("chain 1\n");
  });
});

describe("without flock", () => {
  it("a directory is the lock: runs of different processes come one after the other", async () => {
    const poor = await hostWith(join(beside, "tools"), NEEDED);
    const { directory = "" } = plan("1");
    // As another process would see it: the turns of this one are by the host's identity.
    const runs = ["a", "b", "c"].map((name) => {
      const files = [file(join(directory, `${name}.pem`), name)];
      const test = `[ -d '${quoted(directory)}/.pulumi-acme.lock' ]`;
      const one = { resource: name, directory, files, test };
      return applyPlan({ ...poor, identity: name, label: name }, one, listener());
    });
    await Promise.all(runs);
    expect((await readdir(directory)).filter((name) => name.endsWith(".pem")).sort()).toEqual([
      "a.pem",
      "b.pem",
      "c.pem",
    ]);
    expect(await readdir(directory)).not.toContain(".pulumi-acme.lock");
  });

  it("a lock whose process is gone is no lock", async () => {
    const poor = await hostWith(join(beside, "tools"), NEEDED);
    const ended = spawn("true");
    await once(ended, "exit");
    await leaveLock(plan("1").directory ?? "", `${String(ended.pid)}\n`);
    expect(await applyPlan(poor, plan("1"), listener())).toMatchObject({ changed: true });
  });
});

/** As a killed run leaves it. */
async function leaveLock(directory: string, process?: string): Promise<void> {
  const lock = join(directory, ".pulumi-acme.lock");
  await mkdir(lock, { recursive: true });
  if (process !== undefined) await writeFile(join(lock, "process"), process);
}

describe("a lock that a killed run left", () => {
  it("is none, in every directory of a deployment", async () => {
    const directories = ["first", "second", "third"].map((name) => join(folder, name));
    for (const directory of directories) await leaveLock(directory, "2147483646 flock\n");
    const files = directories.map((directory) => file(join(directory, "a.pem"), "a"));
    await applyPlan(host, { resource: "first", files }, listener());
    for (const directory of directories)
      expect(await readdir(directory)).not.toContain(".pulumi-acme.lock");
  });

  it("is none where it was killed before it wrote its number", async () => {
    const { directory = "" } = plan("1");
    await leaveLock(directory);
    expect(await applyPlan(host, plan("1"), listener())).toMatchObject({ changed: true });
    expect(await readdir(directory)).not.toContain(".pulumi-acme.lock");
  });
});

function quoted(path: string): string {
  return path.replaceAll("'", "'\\''");
}

describe("a killed run", () => {
  it("is cleared away by the next one, which finishes the work", async () => {
    await applyPlan(host, plan("1"), listener());
    const { directory = "" } = plan("1");
    const verify = async (): Promise<void> => {
      const work = (await readdir(directory)).find((name) => /^\.pulumi-acme-\d+-\w+$/.test(name));
      process.kill(Number(work?.split("-")[2]), "SIGKILL");
      await sleep(200);
    };
    await expect(applyPlan(host, plan("2"), { ...listener(), verify })).rejects.toThrow(
      /this machine: verify: /,
    );
    // Killed after the switch: what is in use is new, and the manifest does not know it.
    expect((await readdir(directory)).length).toBeGreaterThan(5);
    const result = await applyPlan(host, plan("2"), listener());
    expect(result.changed).toBe(true);
    const names = await readdir(directory);
    expect(names.filter((name) => /^\.(v-|pulumi-acme-)/.test(name))).toHaveLength(1);
    expect(await readFile(join(directory, "privkey.pem"), "utf8")).toBe("key 2\n");
    expect(await applyPlan(host, plan("2"), listener())).toMatchObject({ changed: false });
  });
});

describeUnless(cannotMakeUsers(), "as root", () => {
  it("reports a full disk as one, keeps the old files, and removes what it had staged", async () => {
    const disk = join(beside, "disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]);
    try {
      await applyPlan(host, planIn(disk, "1"), listener());
      const before = await snapshot(disk);
      const { directory = "" } = planIn(disk, "2");
      const files = [
        ...planIn(disk, "2").files,
        file(join(directory, "large.pem"), "x".repeat(400_000)),
      ];
      await expect(applyPlan(host, planIn(disk, "2", { files }), listener())).rejects.toMatchObject(
        {
          code: "no-space",
          step: `write ${join(directory, "large.pem")}`,
          message: expect.stringContaining("nothing was changed") as string,
        },
      );
      expect(await snapshot(disk)).toEqual(before);
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("rolls back on a disk that filled up after the switch", async () => {
    const disk = join(beside, "disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,nr_inodes=200", "tmpfs", disk]);
    try {
      await applyPlan(host, planIn(disk, "1"), listener());
      const before = await snapshot(disk);
      // To the last block and the last inode.
      const fill = `dd if=/dev/zero of='${disk}/fill' bs=4k 2>/dev/null; i=0; while : >'${disk}/'fill.$i; do i=$((i+1)); done 2>/dev/null; exit 1`;
      const full = planIn(disk, "2", { test: fill });
      await expect(applyPlan(host, full, listener())).rejects.toThrow(/the old files are in use/);
      execFileSync("sh", ["-c", `rm -f '${disk}/'fill*`]);
      expect(await snapshot(disk)).toEqual(before);
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("reports a directory that may not be written as a matter of permission", async () => {
    const someone = through("exec setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh -c");
    await chmod(folder, 0o755);
    await chmod(join(folder, ".."), 0o755);
    await expect(applyPlan(someone, plan("1"), listener())).rejects.toMatchObject({
      code: "permission",
      message: expect.stringMatching(/Permission denied.*nothing was changed/) as string,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it("is not held up by a user who can only read the directory, whatever he locks", async () => {
    await applyPlan(host, plan("1"), listener());
    const { directory = "" } = plan("1");
    await chmod(join(folder, ".."), 0o755);
    const locked = `for path in '${quoted(directory)}' '${quoted(directory)}'/* '${quoted(directory)}'/.[!.]*`;
    const holder = spawn(
      "setpriv",
      [
        ...["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c"],
        `${locked}; do flock -x "$path" sleep 30 & done 2>/dev/null; echo held; wait`,
      ],
      { detached: true },
    );
    try {
      await once(holder.stdout, "data");
      await sleep(200);
      // It would wait for a minute.
      const started = Date.now();
      await applyPlan(host, plan("2"), listener());
      expect(Date.now() - started).toBeLessThan(25_000);
    } finally {
      process.kill(-(holder.pid ?? 0), "SIGKILL");
    }
    expect(await readdir(directory)).not.toContain(".pulumi-acme.lock");
  });

  it("works without root where the directory is the user's, and refuses to read others' files", async () => {
    const someone = through("exec setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh -c");
    await chmod(join(folder, ".."), 0o755);
    await chown(folder, 65534, 65534);
    const result = await applyPlan(someone, plan("1"), listener());
    expect(result.files[1]).toMatchObject({ mode: "0600", owner: "nobody" });
    const root = join(folder, "root.pem");
    await writeFile(root, "root's", { mode: 0o600 });
    await expect(readFiles(someone, [root])).rejects.toMatchObject({ code: "permission" });
  });

  it("gives files to owners and groups by name and by number", async () => {
    const files = [
      file(join(folder, "name.pem"), "1", { owner: "nobody", group: "daemon", mode: "0640" }),
      file(join(folder, "number.pem"), "1", { owner: "65534", group: "1", mode: "0640" }),
      file(join(folder, "group.pem"), "1", { group: "daemon", mode: "0640" }),
    ];
    const owned = { resource: "first", files };
    const result = await applyPlan(host, owned, listener());
    expect(result.files.map(({ owner, group }) => [owner, group])).toEqual([
      ["nobody", "daemon"],
      ["nobody", "daemon"],
      ["root", "daemon"],
    ]);
    // A name and what it became are the same.
    expect(await applyPlan(host, owned, listener())).toMatchObject({ changed: false });
    const moved = files.map((one) => ({ ...one, owner: "daemon" }));
    await applyPlan(host, { resource: "first", files: moved }, listener());
    expect((await stat(join(folder, "name.pem"))).uid).toBe(1);
  });

  it("fails, and puts everything back, when a user cannot read the key that it must read", async () => {
    await chmod(join(folder, ".."), 0o755);
    const path = join(folder, "key.pem");
    const readable = [{ user: "nobody", path }];
    const secret = { resource: "first", files: [file(path, "1", { mode: "0600" })], readable };
    await expect(applyPlan(host, secret, listener())).rejects.toThrow(
      /check that nobody can read .*key\.pem: it cannot/,
    );
    expect(await readdir(folder)).toEqual([]);
    const files = [file(path, "1", { mode: "0640", group: "nogroup" })];
    expect(await applyPlan(host, { ...secret, files }, listener())).toMatchObject({
      changed: true,
    });
    // Asked also where there is nothing to write, and then nothing is touched.
    const before = await snapshot(folder);
    expect(await applyPlan(host, { ...secret, files }, listener())).toMatchObject({
      changed: false,
    });
    const other = [{ user: "daemon", path }];
    await expect(
      applyPlan(host, { ...secret, files, readable: other }, listener()),
    ).rejects.toThrow(/check that daemon can read/);
    expect(await snapshot(folder)).toEqual(before);
    const stranger = [{ user: "nobody-of-this-name", path }];
    await expect(applyPlan(host, { ...secret, readable: stranger }, listener())).rejects.toThrow(
      /nobody-of-this-name/,
    );
  });
});

describeWithTools(["setfacl"], "access lists", () => {
  it("let others read a file whose mode alone would not, and are no difference next time", async () => {
    const path = join(folder, "key.pem");
    const files = [file(path, "1", { mode: "0600", acl: ["u:daemon:r"] })];
    const plan = { resource: "first", files };
    await applyPlan(host, plan, listener());
    const list = execFileSync("getfacl", ["-cp", path], { encoding: "utf8" });
    expect(list).toContain("user:daemon:r--");
    expect(await applyPlan(host, plan, listener())).toMatchObject({ changed: false });
  });
});
