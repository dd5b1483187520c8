import { createServer } from "node:net";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Host, withHost } from "../../sdk/hosts";
import { freePort } from "../support/process/ports";
import { temporaryDirectory } from "../support/process/temp";

const here = <T>(work: (host: Host) => Promise<T>): Promise<T> => withHost("local", work);

describe("a command on this machine", () => {
  it("gives its output, its words on standard error and its exit code", async () => {
    const result = await here((host) => host.run("cat; echo sorry >&2; exit 3", { stdin: "in\n" }));
    expect(result).toEqual({ code: 3, stdout: "in\n", stderr: "sorry\n" });
  });

  it("finds the system's programs, and answers in English", async () => {
    const { stdout } = await here((host) => host.run('echo "$PATH|$LC_ALL"'));
    expect(stdout).toMatch(/\/usr\/sbin.*\|C\n$/);
  });

  it("gets bytes as they are, many of them", async () => {
    const data = Buffer.alloc(3_000_000, Buffer.from([0, 10, 13, 255, 128]));
    const { stdout } = await here((host) => host.run("wc -c; cat", { stdin: data }));
    expect(stdout.trim()).toBe("3000000");
  });

  it("need not read what it is sent", async () => {
    const result = await here((host) => host.run("exit 0", { stdin: Buffer.alloc(1_000_000) }));
    expect(result.code).toBe(0);
  });

  it("that a signal ended counts as 128 plus its number", async () => {
    expect((await here((host) => host.run("kill -9 $$"))).code).toBe(137);
  });

  it("is not waited for by a daemon that holds its output", async () => {
    const startedAt = Date.now();
    const result = await here((host) => host.run("sleep 20 & echo started $!"));
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(result.stdout).toMatch(/^started \d+\n$/);
    process.kill(Number(result.stdout.split(" ")[1]));
  });

  it("is stopped with all that it started when its time is over", async () => {
    await using folder = await temporaryDirectory();
    const late = join(folder.path, "late");
    const command = `(sleep 1.5; touch '${late}') & wait`;
    const run = here((host) => host.run(command, { timeoutMs: 300 }));
    await expect(run).rejects.toMatchObject({
      name: "HostError",
      code: "timeout",
      message: "this machine: run a command: did not end within 0.3 s, and was stopped",
    });
    await new Promise((resolve) => setTimeout(resolve, 1700));
    expect(existsSync(late)).toBe(false);
  });

  it("is stopped when its caller gives up, and may put things back before", async () => {
    await using folder = await temporaryDirectory();
    const undone = join(folder.path, "undone");
    const command = `trap 'touch "${undone}"; exit 1' TERM; while :; do sleep 0.05; done`;
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(new Error("no longer"));
    }, 200);
    await expect(here((host) => host.run(command, { signal: controller.signal }))).rejects.toThrow(
      "no longer",
    );
    expect(existsSync(undone)).toBe(true);
  });

  it("is stopped by force when it does not listen", async () => {
    const command = "trap '' TERM; while :; do sleep 0.1; done";
    const startedAt = Date.now();
    await expect(here((host) => host.run(command, { timeoutMs: 200 }))).rejects.toThrow("0.2 s");
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  });

  it("that writes without end is an error, not a full memory", async () => {
    await expect(here((host) => host.run("yes | head -c 40000000"))).rejects.toThrow(
      "wrote more than 32 MiB",
    );
  });
});

describe("a conversation on this machine", () => {
  it("goes line by line in both directions", async () => {
    await here(async (host) => {
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
    await here(async (host) => {
      const talk = await host.converse("printf 'eins\\nzwei'");
      expect(await talk.readLine()).toBe("eins");
      expect(await talk.readLine()).toBe("zwei");
      expect(await talk.readLine()).toBeUndefined();
      expect((await talk.end()).code).toBe(0);
    });
  });

  it("waits for a command that reads slowly", async () => {
    await here(async (host) => {
      const talk = await host.converse("read -r go; cat | wc -c");
      const big = talk.write(Buffer.concat([Buffer.from("go\n"), Buffer.alloc(8_000_000)]));
      await big;
      expect((await talk.end()).stdout.trim()).toBe("8000000");
    });
  });

  it("holds up a command that says more than is read, and loses nothing", async () => {
    await here(async (host) => {
      const talk = await host.converse("seq 1 600000");
      await new Promise((resolve) => setTimeout(resolve, 200));
      let last: string | undefined;
      for (let line = await talk.readLine(); line !== undefined; line = await talk.readLine()) {
        last = line;
      }
      expect(last).toBe("600000");
      await talk.end();
    });
  });

  it("says that the command has ended early, and what it said", async () => {
    await here(async (host) => {
      const talk = await host.converse("echo 'disk is full' >&2; exit 9");
      const write = async (): Promise<void> => {
        for (;;) await talk.write(Buffer.alloc(1_000_000));
      };
      await expect(write()).rejects.toMatchObject({
        code: "command",
        exitCode: 9,
        message: expect.stringContaining("disk is full") as string,
      });
    });
  });

  it("ends when its time is over, whoever waits for it", async () => {
    await here(async (host) => {
      const talk = await host.converse("sleep 10", { timeoutMs: 200 });
      await expect(talk.readLine()).rejects.toMatchObject({ code: "timeout" });
      await expect(talk.end()).rejects.toMatchObject({ code: "timeout" });
    });
  });

  it("lets a reader give up without losing the line", async () => {
    await here(async (host) => {
      const talk = await host.converse("read -r l; echo $l");
      await expect(talk.readLine(AbortSignal.timeout(50))).rejects.toThrow();
      await talk.write("late\n");
      expect(await talk.readLine()).toBe("late");
      await talk.end();
    });
  });
});

describe("a connection from this machine", () => {
  it("is a stream in both directions", async () => {
    const server = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const socket = await here((host) => host.connect("127.0.0.1", port));
    socket.end("echo");
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe("echo");
    server.close();
  });

  it("that is refused is unreachable", async () => {
    const port = await freePort();
    await expect(here((host) => host.connect("127.0.0.1", port))).rejects.toMatchObject({
      code: "unreachable",
      step: `connect to 127.0.0.1 port ${String(port)}`,
    });
  });
});
