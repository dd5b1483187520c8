import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Host, withHost } from "../../sdk/hosts";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser } from "../support/ssh/system-user";
import { temporaryDirectory } from "../support/process/temp";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { gathered } from "../support/ssh/gathered";
import { visibleTexts } from "../support/process/process-tree";

describeWithTools(["sshd", "ssh-keygen"], "over SSH", () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  const there = <T>(work: (host: Host) => Promise<T>): Promise<T> =>
    withHost(sshd.connection, work);

  describe("a command on a host behind SSH", () => {
    it("may be over by the time its start is heard of", async () => {
      const way = await gathered(sshd.port);
      try {
        await withHost({ ...sshd.connection, port: way.port }, async (host) => {
          expect((await host.run("echo opened")).stdout).toBe("opened\n");
          // The start, the output, the exit code and the end, all in one piece.
          way.gather(300);
          const result = await host.run("echo out; echo err >&2; exit 3");
          expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
        });
      } finally {
        await way.close();
      }
    });

    it("may be one of thirty at the same time, over one connection with MaxSessions 10", async () => {
      const before = sshd.log().split("Accepted publickey").length;
      const results = await there((host) =>
        Promise.all(
          Array.from({ length: 30 }, (_, i) =>
            host.run(`sleep 0.1; echo ${String(i)}; exit ${String(i)}`),
          ),
        ),
      );
      expect(results.map(({ code }) => code)).toEqual(Array.from({ length: 30 }, (_, i) => i));
      // The connection of the test before is still open, and was used.
      expect(sshd.log().split("Accepted publickey").length - before).toBeLessThanOrEqual(1);
    });

    it("waits for its turn without its time running", async () => {
      await there(async (host) => {
        const runs = Array.from({ length: 24 }, () => host.run("sleep 1", { timeoutMs: 2500 }));
        const codes = (await Promise.all(runs)).map(({ code }) => code);
        expect(codes).toEqual(runs.map(() => 0));
      });
    });

    it("runs on a host that allows fewer at once (MaxSessions 2)", async () => {
      const narrow = await startSshd({ maxSessions: 2 });
      try {
        const results = await withHost(narrow.connection, (host) =>
          Promise.all(Array.from({ length: 10 }, (_, i) => host.run(`echo ${String(i)}`))),
        );
        expect(results.map(({ stdout }) => stdout)).toEqual(
          Array.from({ length: 10 }, (_, i) => `${String(i)}\n`),
        );
      } finally {
        await narrow.stop();
      }
    });

    it("never has what it is sent on a command line", async () => {
      const secret = "s3cret-on-standard-input";
      const seen = await there(async (host) => {
        const run = host.run("sleep 0.5; cat >/dev/null", { stdin: secret });
        await new Promise((resolve) => setTimeout(resolve, 250));
        const lines = visibleTexts();
        await run;
        return lines;
      });
      expect(seen.some((line) => line.includes("sleep 0.5"))).toBe(true);
      expect(seen.filter((line) => line.includes(secret))).toEqual([]);
    });
  });

  describeUnless(cannotMakeUsers(), "a user whose shell talks at login", () => {
    it("does not spoil the output of commands", async () => {
      const user = await createSystemUser({ shell: "/bin/bash" });
      const chatty = await startSshd({ user: user.name });
      try {
        await writeFile(`${user.home}/.bashrc`, "echo Welcome; echo Beware >&2\n", { mode: 0o644 });
        const result = await withHost(chatty.connection, (host) =>
          host.run("echo out; echo err >&2"),
        );
        expect(result).toEqual({ code: 0, stdout: "out\n", stderr: "err\n" });
      } finally {
        await chatty.stop();
        await user.remove();
      }
    });

    it("or that lets nobody in is said", async () => {
      const user = await createSystemUser({ shell: "/usr/sbin/nologin" });
      const closed = await startSshd({ user: user.name });
      try {
        const run = withHost(closed.connection, (host) => host.run("echo out"));
        await expect(run).rejects.toMatchObject({
          code: "command",
          message: expect.stringMatching(/the login shell ran no command.*not available/) as string,
        });
      } finally {
        await closed.stop();
        await user.remove();
      }
    });
  });

  describe("a conversation with a host behind SSH", () => {
    it("sends no faster than the command reads", async () => {
      await using folder = await temporaryDirectory();
      const go = join(folder.path, "go");
      await there(async (host) => {
        const talk = await host.converse(`while ! [ -e '${go}' ]; do sleep 0.05; done; cksum`);
        let written = false;
        const write = talk.write(Buffer.alloc(20_000_000)).then(() => (written = true));
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(written).toBe(false);
        await host.run(`touch '${go}'`);
        await write;
        expect((await talk.end()).stdout).toMatch(/ 20000000\n$/);
      });
    });

    it("leaves room for commands on the same host, however many talk", async () => {
      await there(async (host) => {
        const work = async (): Promise<string> => {
          const talk = await host.converse("read -r l; echo $l");
          const { stdout } = await host.run("echo tested");
          await talk.write("end\n");
          expect(await talk.readLine()).toBe("end");
          await talk.end();
          return stdout;
        };
        const all = await Promise.all(Array.from({ length: 16 }, work));
        expect(all).toEqual(all.map(() => "tested\n"));
      });
    });
  });
});
