import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import { type Connection, type Host, type HostError, withHost } from "../../sdk/hosts";
import { freePort } from "../support/process/ports";
import { generateSshKey } from "../support/ssh/ssh-keys";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser } from "../support/ssh/system-user";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { visibleTexts } from "../support/process/process-tree";

const PASSWORD = "correct horse 'battery' $taple";
const byOpenSsh = (connection: Connection): Connection => ({
  ...connection,
  transport: "openssh",
  dialErrorLimit: 1,
});
const whoAmI = (connection: Connection): Promise<string> =>
  withHost(byOpenSsh(connection), async (host) => (await host.run("id -un")).stdout.trim());

/** Our private folders. */
async function folders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith("pulumi-acme-ssh-"));
}

describeWithTools(["sshd", "ssh", "ssh-agent", "ssh-keygen"], 'the transport "openssh"', () => {
  const formerly = process.env["TMPDIR"];
  let temporary: TemporaryDirectory;
  let sshd: Sshd;
  let encrypted: { privateKeyPem: string; publicKey: string };
  const cleanUps: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    // Ours alone: what is left in it was left by these tests.
    temporary = await temporaryDirectory("t-");
    process.env["TMPDIR"] = temporary.path;
    encrypted = await generateSshKey({ passphrase: "open sesame" });
    sshd = await startSshd({ authorizedKeys: [encrypted.publicKey] });
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  afterAll(async () => {
    if (formerly === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = formerly;
    await sshd.stop();
    await temporary.remove();
  });

  const there = <T>(work: (host: Host) => Promise<T>): Promise<T> =>
    withHost(byOpenSsh(sshd.connection), work);

  it("logs in by a key that lies on no disk, and leaves nothing behind", async () => {
    const secret = sshd.privateKeyPem.split("\n")[2] ?? "";
    expect(secret).toHaveLength(70);
    await there(async (host) => {
      expect((await host.run("id -un")).stdout.trim()).toBe(sshd.user);
      for (const folder of await folders()) {
        for (const file of await readdir(join(tmpdir(), folder))) {
          const text = await readFile(join(tmpdir(), folder, file), "utf8").catch(() => "");
          expect(text).not.toContain(secret);
        }
      }
    });
    // Closed two seconds after the last user.
    for (let waited = 0; waited < 50 && (await folders()).length > 0; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(await folders()).toEqual([]);
    expect(visibleTexts().filter((line) => line.includes(`${temporary.path}/pulumi`))).toEqual([]);
  });

  it("logs in by an encrypted key", async () => {
    const key = { privateKey: encrypted.privateKeyPem, privateKeyPassword: "open sesame" };
    expect(await whoAmI({ ...sshd.connection, ...key })).toBe(sshd.user);
  });

  it.each([
    ["without", undefined, "it is encrypted, and privateKeyPassword is missing"],
    ["with a wrong", "hunter2", "privateKeyPassword is wrong"],
  ])("says what is wrong with an encrypted key %s passphrase", async (_how, password, words) => {
    const key = { privateKey: encrypted.privateKeyPem, privateKeyPassword: password };
    const error = await whoAmI({ ...sshd.connection, ...key }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "HostError", code: "authentication" });
    expect((error as HostError).message).toContain(words);
    expect((error as HostError).message).not.toContain("hunter2");
  });

  it("says that a key was refused", async () => {
    const { privateKeyPem: privateKey } = await generateSshKey();
    await expect(whoAmI({ ...sshd.connection, privateKey })).rejects.toMatchObject({
      code: "authentication",
      message: `${sshd.user}@127.0.0.1:${String(sshd.port)}: connect: user ${sshd.user} was refused; the host allows publickey`,
    });
  });

  it("refuses another host key, with both fingerprints", async () => {
    const { publicKey: hostKey } = await generateSshKey();
    const error = await whoAmI({ ...sshd.connection, hostKey }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "HostError", code: "host-key" });
    expect((error as HostError).message).toMatch(
      /it shows SHA256:\S+, expected is ssh-ed25519 SHA256:/,
    );
    const foreign = sshd.knownHosts.replaceAll("127.0.0.1", "192.0.2.1");
    const unknown = { ...sshd.connection, hostKey: undefined, knownHosts: foreign };
    await expect(whoAmI(unknown)).rejects.toMatchObject({ code: "host-key" });
    const known = { ...unknown, knownHosts: sshd.knownHosts };
    expect(await whoAmI(known)).toBe(sshd.user);
  });

  it("says that nothing listens", async () => {
    const port = await freePort();
    await expect(whoAmI({ ...sshd.connection, port })).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("connection refused") as string,
    });
  });

  it("goes through a jump host, whatever the transport of each", async () => {
    const jump = await startSshd();
    cleanUps.push(() => jump.stop());
    for (const proxy of [jump.connection, byOpenSsh(jump.connection)]) {
      expect(await whoAmI({ ...sshd.connection, proxy })).toBe(sshd.user);
    }
    const mixed = { ...sshd.connection, proxy: byOpenSsh(jump.connection) };
    const result = await withHost(mixed, (host) => host.run("echo through"));
    expect(result.stdout).toBe("through\n");
    const closed = { ...sshd.connection, port: await freePort(), proxy: jump.connection };
    await expect(whoAmI(closed)).rejects.toThrow(/the host could not: .*Connection refused/);
  });

  it("says that the connection was cut, and opens anew for the next one", async () => {
    const other = await startSshd();
    cleanUps.push(() => other.stop());
    const lost = expect(
      withHost(byOpenSsh(other.connection), (host) => host.run("sleep 30")),
    ).rejects.toMatchObject({ name: "HostError", code: "connection-lost" });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await other.cut();
    await lost;
    await other.start();
    expect(await whoAmI(other.connection)).toBe(other.user);
  });

  describeUnless(cannotMakeUsers(), "with a password", () => {
    it("logs in and uses sudo, with the password on no command line", async () => {
      const user = await createSystemUser({ password: PASSWORD, sudo: "with-password" });
      cleanUps.push(() => user.remove());
      const own = await startSshd({ user: user.name, passwordAuth: true });
      cleanUps.push(() => own.stop());
      const connection = {
        ...own.connection,
        privateKey: undefined,
        password: PASSWORD,
        sudo: true,
      };
      const lines: string[] = [];
      const looking = setInterval(() => {
        lines.push(...visibleTexts());
      }, 20);
      try {
        const run = withHost(byOpenSsh(connection), (host) =>
          // Long enough to be seen.
          host.run("id -u; cat; sleep 1", { stdin: "x" }),
        );
        expect(await run).toEqual({ code: 0, stdout: "0\nx", stderr: "" });
      } finally {
        clearInterval(looking);
      }
      expect(lines.some((line) => line.includes("sudo -S"))).toBe(true);
      expect(lines.filter((line) => line.includes("battery"))).toEqual([]);
      const wrong = whoAmI({ ...connection, password: "hunter2" });
      await expect(wrong).rejects.toMatchObject({ code: "authentication" });
    });
  });
});
