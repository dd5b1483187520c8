/** Login scripts that do not come to the command, or leave something behind. */
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Connection, type HostError, withHost } from "../../sdk/hosts";
import { describeUnless } from "../support/process/tools";
import { startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser, type SystemUser } from "../support/ssh/system-user";

describeUnless(cannotMakeUsers(), "on a host whose login script", () => {
  let user: SystemUser;
  let connection: Connection;
  const cleanUps: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    user = await createSystemUser({ shell: "/bin/bash" });
    cleanUps.push(() => user.remove());
    const sshd = await startSshd({ user: user.name });
    cleanUps.push(() => sshd.stop());
    connection = sshd.connection;
  });
  afterAll(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  const script = (text: string): Promise<void> =>
    writeFile(`${user.home}/.bashrc`, text, { mode: 0o644 });
  // A session of its own for each test.
  let serial = 20;
  const by = (transport: "ssh2" | "openssh", more: Partial<Connection> = {}): Connection => ({
    ...connection,
    transport,
    perDialTimeout: (serial += 1),
    ...more,
  });
  const failure = (target: Connection): Promise<HostError> =>
    withHost(target, (host) => host.run("true")).then(
      () => Promise.reject(new Error("it ran")),
      (error: unknown) => error as HostError,
    );

  describe.each(["ssh2", "openssh"] as const)("by %s,", (transport) => {
    // @see fish-shell/fish-shell#8036, perfsonar/toolkit#66
    it("asks something, the login shell is said not to begin, with its words", async () => {
      await script('echo "Which environment?"; read -r answer; sleep 60\n');
      const startedAt = Date.now();
      const error = await failure(by(transport));
      expect(error).toMatchObject({ name: "HostError", code: "command" });
      expect(error.message).toMatch(
        /the login shell did not begin within 15 s: Which environment\?; its startup files/,
      );
      // Once, and not as often as a host that is starting is tried.
      expect(Date.now() - startedAt).toBeLessThan(45_000);
    });

    it.each([false, true])("refuses, it is blamed and not sudo (sudo: %s)", async (sudo) => {
      await script("echo 'This account is closed'; exit 3\n");
      const error = await failure(by(transport, { sudo }));
      expect(error).toMatchObject({ code: "command", exitCode: 3 });
      expect(error.message).toMatch(
        /run a command: the login shell ran no command \(exit code 3\): This account is closed$/,
      );
    });

    it("leaves a process behind, commands end when they end", async () => {
      await script("sleep 40 &\n");
      const startedAt = Date.now();
      const result = await withHost(by(transport), async (host) => {
        await host.run("true");
        const talk = await host.converse("read -r line; echo $line >&2; exit 5");
        await talk.write("said\n");
        expect(await talk.end()).toMatchObject({ code: 5, stderr: "said\n" });
        return host.run("echo out; echo err >&2; exit 4");
      });
      expect(result).toEqual({ code: 4, stdout: "out\n", stderr: "err\n" });
      expect(Date.now() - startedAt).toBeLessThan(30_000);
    });
  });
});
