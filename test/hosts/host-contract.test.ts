/** What every `Host` does, however it is reached: this machine, ssh2, OpenSSH's client. */
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Host, type Target, withHost } from "../../sdk/hosts";
import { freePort } from "../support/process/ports";
import { temporaryDirectory } from "../support/process/temp";
import type { Tool } from "../support/process/tool-paths";
import { describeWithTools } from "../support/process/tools";
import { type Sshd, startSshd } from "../support/ssh/sshd";

interface Transport {
  readonly name: string;
  readonly needs: readonly Tool[];
  readonly target: (sshd: Sshd | undefined) => Target;
  readonly label: (sshd: Sshd | undefined) => string;
}

const user = (sshd: Sshd | undefined): string =>
  `${String(sshd?.user)}@127.0.0.1:${String(sshd?.port)}`;

const TRANSPORTS: readonly Transport[] = [
  { name: "this machine", needs: [], target: () => "local", label: () => "this machine" },
  {
    name: "a host by ssh2",
    needs: ["sshd", "ssh-keygen"],
    target: (sshd) => sshd?.connection ?? "local",
    label: user,
  },
  {
    name: "a host by OpenSSH",
    needs: ["sshd", "ssh-keygen", "ssh", "ssh-agent"],
    target: (sshd) => (sshd === undefined ? "local" : { ...sshd.connection, transport: "openssh" }),
    label: user,
  },
];

async function contentOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

for (const { name, needs, target, label } of TRANSPORTS) {
  describeWithTools(needs, name, () => {
    let sshd: Sshd | undefined;
    beforeAll(async () => {
      if (needs.length > 0) sshd = await startSshd();
    });
    afterAll(() => sshd?.stop());

    const there = <T>(work: (host: Host) => Promise<T>): Promise<T> => withHost(target(sshd), work);

    describe("a command", () => {
      it("gives its output, its words on standard error and its exit code", async () => {
        await there(async (host) => {
          expect(host.label).toBe(label(sshd));
          const result = await host.run("cat; echo sorry >&2; exit 3", { stdin: "in\n" });
          expect(result).toEqual({ code: 3, stdout: "in\n", stderr: "sorry\n" });
        });
      });

      it("finds the system's programs, and answers in English", async () => {
        const { stdout } = await there((host) => host.run('echo "$PATH|$LC_ALL"'));
        expect(stdout).toMatch(/\/usr\/sbin.*\|C\n$/);
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

      it("need not read what it is sent", async () => {
        const run = there((host) => host.run("exit 0", { stdin: Buffer.alloc(1_000_000) }));
        expect((await run).code).toBe(0);
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
        const { code } = await there((host) => host.run("kill -9 $$"));
        expect(code).toBe(137);
      });

      it("is not waited for by a daemon that holds its output", async () => {
        const startedAt = Date.now();
        const { stdout } = await there((host) => host.run("sleep 20 & echo started $!"));
        expect(Date.now() - startedAt).toBeLessThan(15_000);
        expect(stdout).toMatch(/^started \d+\n$/);
        process.kill(Number(stdout.split(" ")[1]));
      });

      it("is stopped with all that it started when its time is over", async () => {
        await using folder = await temporaryDirectory();
        const late = join(folder.path, "late");
        await there(async (host) => {
          const run = host.run(`(sleep 2; touch '${late}') & wait`, { timeoutMs: 300 });
          await expect(run).rejects.toMatchObject({
            name: "HostError",
            code: "timeout",
            host: host.label,
            message: `${host.label}: run a command: did not end within 0.3 s, and was stopped`,
          });
          await wait(2200);
          expect(existsSync(late)).toBe(false);
          expect((await host.run("echo on")).stdout).toBe("on\n");
        });
      });

      it("is stopped when its caller gives up, and may put things back before", async () => {
        await using folder = await temporaryDirectory();
        const undone = join(folder.path, "undone");
        const command = `trap 'touch "${undone}"; exit 1' TERM; while :; do sleep 0.05; done`;
        const controller = new AbortController();
        const run = there((host) => host.run(command, { signal: controller.signal }));
        setTimeout(() => {
          controller.abort(new Error("no longer"));
        }, 1500);
        await expect(run).rejects.toThrow("no longer");
        expect(existsSync(undone)).toBe(true);
      });

      it("is stopped by force when it ignores TERM", async () => {
        const command = "trap '' TERM; while :; do sleep 0.1; done";
        const startedAt = Date.now();
        const run = there((host) => host.run(command, { timeoutMs: 200 }));
        await expect(run).rejects.toThrow("0.2 s");
        expect(Date.now() - startedAt).toBeLessThan(15_000);
      });

      it("that writes without end is an error, not a full memory", async () => {
        const run = there((host) => host.run("yes | head -c 40000000"));
        await expect(run).rejects.toThrow("wrote more than 32 MiB");
      });

      it("may be one of thirty at the same time", async () => {
        const numbers = Array.from({ length: 30 }, (_, i) => i);
        const results = await there((host) =>
          Promise.all(numbers.map((i) => host.run(`echo ${String(i)}; exit ${String(i)}`))),
        );
        expect(results.map(({ code }) => code)).toEqual(numbers);
        expect(results.map(({ stdout }) => Number(stdout))).toEqual(numbers);
      });
    });

    describe("a conversation", () => {
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
          expect(await talk.readLine()).toBeUndefined();
        });
      });

      it("gives a last line without a newline, then its end", async () => {
        await there(async (host) => {
          const talk = await host.converse("printf 'eins\\nzwei'");
          expect(await talk.readLine()).toBe("eins");
          expect(await talk.readLine()).toBe("zwei");
          expect(await talk.readLine()).toBeUndefined();
          expect((await talk.end()).code).toBe(0);
        });
      });

      it("waits for a command that reads slowly", async () => {
        await there(async (host) => {
          const talk = await host.converse("read -r go; cat | wc -c");
          await talk.write(Buffer.concat([Buffer.from("go\n"), Buffer.alloc(8_000_000)]));
          expect((await talk.end()).stdout.trim()).toBe("8000000");
        });
      });

      it("holds up a command that says more than is read, and loses nothing", async () => {
        await there(async (host) => {
          const talk = await host.converse("seq 1 900000");
          await wait(300);
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
          await expect(write()).rejects.toMatchObject({
            code: "command",
            exitCode: 9,
            // Over a network the exit code may arrive before the words.
            ...(needs.length === 0 && {
              message: expect.stringContaining("disk is full") as string,
            }),
          });
        });
      });

      it("ends when its time is over, whoever waits for it", async () => {
        await there(async (host) => {
          const talk = await host.converse("sleep 10", { timeoutMs: 200 });
          await expect(talk.readLine()).rejects.toMatchObject({ code: "timeout" });
          await expect(talk.end()).rejects.toMatchObject({ code: "timeout" });
        });
      });

      it("lets a reader give up without losing the line", async () => {
        await there(async (host) => {
          const talk = await host.converse("read -r l; echo $l");
          await expect(talk.readLine(AbortSignal.timeout(50))).rejects.toThrow();
          await talk.write("late\n");
          expect(await talk.readLine()).toBe("late");
          await talk.end();
        });
      });
    });

    describe("a connection as seen from there", () => {
      it("is a stream in both directions", async () => {
        const server = createServer((socket) => socket.pipe(socket));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as { port: number };
        await there(async (host) => {
          const socket = await host.connect("127.0.0.1", port);
          socket.end("echo");
          expect(await contentOf(socket)).toBe("echo");
        });
        server.close();
      });

      it("that is refused is unreachable, at the latest when it is read", async () => {
        const port = await freePort();
        const read = there(async (host) => contentOf(await host.connect("127.0.0.1", port)));
        await expect(read).rejects.toMatchObject({
          code: "unreachable",
          step: `connect to 127.0.0.1 port ${String(port)}`,
        });
      });
    });
  });
}
