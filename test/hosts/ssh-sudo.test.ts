import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";

import { type Connection, type Host, type HostError, withHost } from "../../sdk/hosts";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import {
  cannotMakeUsers,
  createSystemUser,
  type SystemUserOptions,
} from "../support/ssh/system-user";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { visibleTexts } from "../support/process/process-tree";

const PASSWORD = "correct horse 'battery' $taple";

describeUnless(cannotMakeUsers(), "a command as root by sudo", () => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function connectionFor(
    options: SystemUserOptions,
    sshdConfig: string[] = [],
  ): Promise<Connection> {
    const user = await createSystemUser(options);
    cleanUps.push(() => user.remove());
    const sshd = await startSshd({ user: user.name, config: sshdConfig });
    cleanUps.push(() => sshd.stop());
    return { ...sshd.connection, sudo: true };
  }

  it("needs no password where the rule says so", async () => {
    const connection = await connectionFor({ sudo: "without-password" });
    await withHost(connection, async (host) => {
      expect(await host.run("id -u; cat; exit 3", { stdin: "input\n" })).toEqual({
        code: 3,
        stdout: "0\ninput\n",
        stderr: "",
      });
    });
  });

  it("never gives the password to a command where sudo did not ask for it", async () => {
    const connection = await connectionFor({ sudo: "without-password" });
    const result = await withHost({ ...connection, sudoPassword: PASSWORD }, (host) =>
      host.run("cat", { stdin: "input\n" }),
    );
    expect(result).toEqual({ code: 0, stdout: "input\n", stderr: "" });
  });

  it("gets the password where sudo asks, and the command's input intact after it", async () => {
    const connection = await connectionFor({ password: PASSWORD, sudo: "with-password" });
    const data = Buffer.alloc(1_000_000, Buffer.from([0, 10, 13, 255, 128]));
    await withHost({ ...connection, sudoPassword: PASSWORD }, async (host) => {
      const result = await host.run("id -u; echo said >&2; cksum", { stdin: data });
      expect(result).toMatchObject({ code: 0, stderr: "said\n" });
      expect(result.stdout).toMatch(/^0\n\d+ 1000000\n$/);
      expect((await host.run("cat")).stdout).toBe("");
    });
  });

  it("takes the password of the login where there is none for sudo", async () => {
    const connection = await connectionFor({ password: PASSWORD, sudo: "with-password" });
    const run = withHost({ ...connection, password: PASSWORD }, (host) => host.run("id -u"));
    expect((await run).stdout).toBe("0\n");
  });

  it("has the password on no command line and in no environment", async () => {
    const connection = await connectionFor({ password: PASSWORD, sudo: "with-password" });
    const seen = await withHost({ ...connection, sudoPassword: PASSWORD }, async (host) => {
      const run = host.run("sleep 1");
      const lines: string[] = [];
      for (let look = 0; look < 20; look++) {
        lines.push(...visibleTexts());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await run;
      return lines;
    });
    expect(seen.some((line) => line.includes("sudo -S"))).toBe(true);
    expect(seen.filter((line) => line.includes("battery"))).toEqual([]);
  });

  it("can be talked to", async () => {
    const connection = await connectionFor({ password: PASSWORD, sudo: "with-password" });
    await withHost({ ...connection, sudoPassword: PASSWORD }, async (host) => {
      const talk = await host.converse('while read -r l; do echo "got $l"; done');
      await talk.write("a\n");
      expect(await talk.readLine()).toBe("got a");
      expect((await talk.end()).code).toBe(0);
    });
  });

  it("is stopped with all that it started when its time is over", async () => {
    const connection = await connectionFor({ sudo: "without-password" });
    await withHost(connection, async (host) => {
      const run = host.run("sleep 61.5 & sleep 61.5; true", { timeoutMs: 400 });
      await expect(run).rejects.toMatchObject({ code: "timeout" });
      // sudo may be heard to end a moment before what it ran.
      await vi.waitFor(() => {
        expect(visibleTexts().filter((line) => line.trim() === "sleep 61.5")).toEqual([]);
      }, 5000);
    });
  });

  const refusals: [string, SystemUserOptions, Partial<Connection>, RegExp][] = [
    [
      "a password that was not given",
      { password: "x", sudo: "with-password" },
      {},
      /give sudoPassword, or put "acme\w+ ALL=\(root\) NOPASSWD: ALL" in \/etc\/sudoers.d/,
    ],
    [
      "a wrong password",
      { password: "x", sudo: "with-password" },
      { sudoPassword: "hunter2" },
      /did not accept the password/,
    ],
    [
      "a user without a rule",
      { password: "x", sudo: "none" },
      { sudoPassword: "x" },
      /may not use sudo: put "acme\w+ ALL=/,
    ],
  ];
  it.each(refusals)("says what to do about %s", async (_name, user, more, expected) => {
    const connection = await connectionFor(user);
    const run = withHost({ ...connection, ...more }, (host) =>
      host.run("id -u", { stdin: "input" }),
    );
    const error = await run.catch((e: unknown) => e as HostError);
    expect(error).toMatchObject({ name: "HostError", code: "sudo" });
    const { message } = error as HostError;
    expect(message).toMatch(expected);
    expect(message).not.toContain("hunter2");
  });
});

describeWithTools(
  ["sshd", "ssh-keygen"],
  "a command as root by somebody who is root already",
  () => {
    let sshd: Sshd;
    beforeAll(async () => {
      sshd = await startSshd();
    });
    afterAll(() => sshd.stop());
    const asRoot = <T>(work: (host: Host) => Promise<T>): Promise<T> =>
      withHost({ ...sshd.connection, sudo: true, sudoPassword: PASSWORD }, work);

    it.skipIf(process.getuid?.() !== 0)("goes without sudo, and keeps its input", async () => {
      expect(await asRoot((host) => host.run("id -u; cat", { stdin: "input" }))).toEqual({
        code: 0,
        stdout: "0\ninput",
        stderr: "",
      });
    });
  },
);
