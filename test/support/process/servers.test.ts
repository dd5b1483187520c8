/** The shared sshd, nginx and system users do what the tests believe they do. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startNginx, type Nginx } from "../nginx/nginx";
import { isListening } from "./ports";
import { isAlive } from "./process-tree";
import { startSshd, type Sshd } from "../ssh/sshd";
import { cannotMakeUsers, createSystemUser, type SystemUser } from "../ssh/system-user";
import { temporaryDirectory } from "./temp";
import { describeUnless, describeWithTools, missingTools, toolPath } from "./tools";

const run = promisify(execFile);

/** One command through the real `ssh`. */
async function ssh(sshd: Sshd, command: string): Promise<string> {
  await using folder = await temporaryDirectory("ssh-");
  const key = join(folder.path, "key");
  const knownHosts = join(folder.path, "known_hosts");
  await writeFile(key, sshd.privateKeyPem, { mode: 0o600 });
  await writeFile(knownHosts, sshd.knownHosts);
  const { stdout } = await run(toolPath("ssh"), [
    ...["-F", "none", "-i", key, "-p", String(sshd.port), "-o", "BatchMode=yes"],
    ...["-o", `UserKnownHostsFile=${knownHosts}`, "-o", "StrictHostKeyChecking=yes"],
    `${sshd.user}@${sshd.host}`,
    command,
  ]);
  return stdout;
}

describeWithTools(["sshd", "ssh-keygen", "ssh"], "sshd", () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  it("lets its key in, and is known by its host key", async () => {
    expect(await ssh(sshd, "echo here")).toBe("here\n");
    expect(sshd.log()).toContain("Accepted publickey");
  });

  it("cuts running sessions and comes back on the same port", async () => {
    const cut = ssh(sshd, "sleep 30");
    await expect.poll(() => sshd.log()).toContain("Starting session: command");
    await Promise.all([sshd.cut(), expect(cut).rejects.toThrow()]);
    expect(await isListening(sshd.port)).toBe(false);
    await sshd.start();
    expect(await ssh(sshd, "echo again")).toBe("again\n");
  });
});

describeUnless(
  cannotMakeUsers() ?? missingTools("sshd", "ssh", "ssh-keygen", "sudo"),
  "a system user",
  () => {
    let user: SystemUser;
    let sshd: Sshd;
    beforeAll(async () => {
      user = await createSystemUser({ sudo: "without-password", password: "a password" });
      sshd = await startSshd({ user: user.name, passwordAuth: true });
    });
    afterAll(async () => {
      await sshd.stop();
      await user.remove();
    });

    it("logs in, and becomes root by sudo", async () => {
      expect(await ssh(sshd, "id -un; sudo -n id -un")).toBe(`${user.name}\nroot\n`);
    });
  },
);

describeWithTools(["nginx"], "nginx", () => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startNginx();
  });
  afterAll(() => nginx.stop());

  it("serves what a file in conf.d says, after its own test and reload commands", async () => {
    const port = String(nginx.httpPort);
    const site = join(nginx.configDirectory, "site.conf");
    const pid = nginx.pid();
    await writeFile(site, `server { listen 127.0.0.1:${port}; location / { return 200 "ok"; } }`);
    await run("/bin/sh", ["-c", nginx.test]);
    await run("/bin/sh", ["-c", nginx.reload]);
    await expect.poll(() => isListening(nginx.httpPort)).toBe(true);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("ok");
    expect(nginx.pid()).toBe(pid);

    await writeFile(site, "server { nonsense; }");
    await expect(run("/bin/sh", ["-c", nginx.test])).rejects.toThrow("nonsense");
  });

  it("ends with its workers", async () => {
    const other = await startNginx();
    const pid = other.pid();
    const children = await readFile(
      `/proc/${String(pid)}/task/${String(pid)}/children`,
      "utf8",
    ).catch(() => "");
    await other.stop();
    expect(isAlive(pid)).toBe(false);
    for (const child of children.trim().split(" ").filter(Boolean)) {
      await expect.poll(() => isAlive(Number(child))).toBe(false);
    }
  });
});
