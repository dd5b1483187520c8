import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Host, withHost } from "../../sdk/hosts";
import { freePort } from "../support/process/ports";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser } from "../support/ssh/system-user";
import { temporaryDirectory } from "../support/process/temp";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { gathered } from "../support/ssh/gathered";

describeWithTools(["sshd", "ssh-keygen"], "over SSH", () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  const there = <T>(work: (host: Host) => Promise<T>): Promise<T> =>
    withHost(sshd.connection, work);

  describe("a command on a host behind SSH", () => {
    it("gives its output, its words on standard error and its exit code", async () => {
      await there(async (host) => {
        expect(host.label).toBe(`${sshd.user}@127.0.0.1:${String(sshd.port)}`);
        const result = await host.run("cat; echo sorry >&2; exit 3", { stdin: "in\n" });
        expect(result).toEqual({ code: 3, stdout: "in\n", stderr: "sorry\n" });
      });
    });

    it("gets bytes as they are, many of them, and gives many back", async () => {
      await there(async (host) => {
        const data = Buffer.alloc(5_000_000, Buffer.from([0, 10, 13, 255, 128]));
        expect((await host.run("cksum", { stdin: data })).stdout).toMatch(/ 5000000\n$/);
        const { stdout } = await host.run("seq 1 400000");
        expect(stdout.length).toBe(2688895);
        expect(stdout.endsWith("\n400000\n")).toBe(true);
      });
    });

    it("may be any text: quotes, newlines, a syntax error", async () => {
      await there(async (host) => {
        const odd = `printf '%s\\n' "it's" 'a "b"' \\\\ $((1+1))\nprintf %s "ü\\"`;
        expect((await host.run(odd)).stdout).toBe(`it's\na "b"\n\\\n2\n`);
        const wrong = await host.run("if then");
        expect(wrong.code).toBe(2);
        expect(wrong.stderr).toMatch(/syntax error/i);
      });
    });

    it("that a signal ended counts as 128 plus its number", async () => {
      expect((await there((host) => host.run("kill -9 $$"))).code).toBe(137);
    });

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

    it("is not waited for by a daemon that holds its output", async () => {
      const startedAt = Date.now();
      const { stdout } = await there((host) => host.run("sleep 20 & echo started $!"));
      expect(Date.now() - startedAt).toBeLessThan(15_000);
      process.kill(Number(stdout.split(" ")[1]));
    });

    it("is stopped on the host with all that it started when its time is over", async () => {
      await using folder = await temporaryDirectory();
      const late = join(folder.path, "late");
      await there(async (host) => {
        const run = host.run(`(sleep 2; touch '${late}') & wait`, { timeoutMs: 300 });
        await expect(run).rejects.toMatchObject({ code: "timeout", host: host.label });
        await new Promise((resolve) => setTimeout(resolve, 2200));
        expect(existsSync(late)).toBe(false);
        expect((await host.run("echo on")).stdout).toBe("on\n");
      });
    });

    it("is stopped on the host when its caller gives up", async () => {
      await using folder = await temporaryDirectory();
      const undone = join(folder.path, "undone");
      const controller = new AbortController();
      const run = there((host) =>
        host.run(`trap 'touch "${undone}"; exit 1' TERM; while :; do sleep 0.05; done`, {
          signal: controller.signal,
        }),
      );
      setTimeout(() => {
        controller.abort(new Error("no longer"));
      }, 500);
      await expect(run).rejects.toThrow("no longer");
      expect(existsSync(undone)).toBe(true);
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
        const lines = await commandLines();
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
    it("goes line by line in both directions", async () => {
      await there(async (host) => {
        const talk = await host.converse(
          'while read -r l; do echo "got $l"; done; printf rest; exit 4',
        );
        for (const word of ["a", "b"]) {
          await talk.write(`${word}\n`);
          expect(await talk.readLine()).toBe(`got ${word}`);
        }
        expect(await talk.end()).toEqual({ code: 4, stdout: "rest", stderr: "" });
      });
    });

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

    it("holds up a command that says more than is read, and loses nothing", async () => {
      await there(async (host) => {
        const talk = await host.converse("seq 1 900000");
        await new Promise((resolve) => setTimeout(resolve, 300));
        let expected = 0;
        for (let line = await talk.readLine(); line !== undefined; line = await talk.readLine()) {
          expected += 1;
          if (line !== String(expected)) throw new Error(`line ${String(expected)} is ${line}`);
        }
        expect(expected).toBe(900000);
        expect((await talk.end()).code).toBe(0);
      });
    });

    it("says that the command has ended early, and what it said", async () => {
      await there(async (host) => {
        const talk = await host.converse("echo 'disk is full' >&2; exit 9");
        const write = async (): Promise<void> => {
          for (;;) await talk.write(Buffer.alloc(1_000_000));
        };
        await expect(write()).rejects.toMatchObject({ code: "command", exitCode: 9 });
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

  describe("a connection as seen from a host behind SSH", () => {
    it("is a stream in both directions", async () => {
      const server = createServer((socket) => socket.pipe(socket));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      await there(async (host) => {
        const socket = await host.connect("127.0.0.1", port);
        socket.end("echo");
        const chunks: Buffer[] = [];
        for await (const chunk of socket) chunks.push(chunk as Buffer);
        expect(Buffer.concat(chunks).toString()).toBe("echo");
      });
      server.close();
    });

    it("that is refused there is unreachable", async () => {
      const port = await freePort();
      await expect(there((host) => host.connect("127.0.0.1", port))).rejects.toMatchObject({
        code: "unreachable",
        step: `connect to 127.0.0.1 port ${String(port)}`,
      });
    });
  });
});

/** The command lines of all processes. */
async function commandLines(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return texts.map((text) => text.replaceAll("\0", " "));
}
