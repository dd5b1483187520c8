import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import { exec } from "../../../../sdk/challenges/http-01";
import { isAlive } from "../../../support/process/process-tree";
import { type TemporaryDirectory, temporaryDirectory } from "../../../support/process/temp";
import { context, proofOf } from "../../../support/ca/proofs";

describe("http-01 by a program", () => {
  let folder: TemporaryDirectory;
  let hook: string;

  beforeEach(async () => {
    folder = await temporaryDirectory("hook-");
    hook = join(folder.path, "hook");
    return () => folder.remove();
  });

  /** A hook that notes its arguments, one a line, and then does `script`. */
  const write = async (script: string): Promise<void> => {
    const note = `printf '%s\\n' "$*" >> ${folder.path}/calls`;
    await writeFile(hook, `#!/bin/sh\n${note}\n${script}\n`);
    await chmod(hook, 0o755);
  };
  const calls = async (): Promise<string[]> =>
    (await readFile(join(folder.path, "calls"), "utf8")).trimEnd().split("\n");

  it("calls it for each name, first to present and then to clean up", async () => {
    await write("");
    const proofs = [proofOf("a.example"), proofOf("127.0.0.1", "ip")];
    const solver = exec({ command: [hook, "--zone", "it is one"] });
    expect(solver.label).toBe(`http-01 by the program ${hook}`);
    const lines = (action: string): string[] =>
      proofs.map(
        ({ identifier, token, keyAuthorization }) =>
          `--zone it is one ${action} ${identifier.value} ${token} ${keyAuthorization}`,
      );
    const presentation = await solver.present(proofs, context());
    expect(await calls()).toEqual(lines("present"));
    await presentation.cleanUp();
    await presentation.cleanUp();
    expect(await calls()).toEqual([...lines("present"), ...lines("cleanup")]);
  });

  it("never runs twice at a time, whoever asks", async () => {
    const lock = join(folder.path, "lock");
    await write(`mkdir ${lock} || exit 9; sleep 0.05; rmdir ${lock}`);
    const solver = exec({ command: [hook] });
    const presentations = await Promise.all(
      ["a.example", "b.example", "c.example"].map((name) =>
        solver.present([proofOf(name)], context()),
      ),
    );
    await Promise.all(presentations.map((presentation) => presentation.cleanUp()));
    expect(await calls()).toHaveLength(6);
  });

  it("hands over arguments as they are, and the environment", async () => {
    await write(`printf %s "$1|$SECRET|$#" > ${folder.path}/seen`);
    const command = [hook, "$(touch /tmp/never); 'quoted' *"];
    const solver = exec({ command, environment: { SECRET: "s3cret value" } });
    await (await solver.present([proofOf("a.example")], context())).cleanUp();
    expect(await readFile(join(folder.path, "seen"), "utf8")).toBe(
      "$(touch /tmp/never); 'quoted' *|s3cret value|5",
    );
  });

  it("shows the end of its output when it fails, without the environment's values, and undoes all that was tried", async () => {
    await write(
      'case "$*" in *"present b."*) echo "token is $SECRET"; echo "the API says no" >&2; exit 3;; esac',
    );
    const solver = exec({ command: [hook], environment: { SECRET: "s3cret-value" } });
    const proofs = [proofOf("a.example"), proofOf("b.example")];
    const present = solver.present(proofs, context());
    await expect(present).rejects.toMatchObject({
      name: "ChallengeError",
      message: `the program ${hook}: present: http-01 for b.example: the hook ${hook} ended with exit code 3: token is [secret] the API says no`,
    });
    const actions = (await calls()).map((line) => line.split(" ").slice(0, 2).join(" "));
    expect(actions).toEqual([
      "present a.example",
      "present b.example",
      "cleanup a.example",
      "cleanup b.example",
    ]);
  });

  it("survives a megabyte of output, and shows its end", async () => {
    await write(
      "head -c 1048576 /dev/zero | tr '\\0' 'x'; echo; echo 'the last words' >&2; exit 1",
    );
    const present = exec({ command: [hook] }).present([proofOf("a.example")], context());
    const message = await present.then(
      () => "",
      (error: unknown) => (error as Error).message,
    );
    expect(message).toMatch(/the last words$/);
    expect(message.length).toBeLessThan(1000);
  });

  it("is stopped with all that it started when the time is over", async () => {
    await write(
      `if [ "$1" = present ]; then echo 'waits for a lock'; sleep 600 & echo $! > ${folder.path}/pid; wait; fi`,
    );
    const present = exec({ command: [hook], timeout: "300ms" }).present(
      [proofOf("a.example")],
      context(),
    );
    await expect(present).rejects.toThrow(
      /did not end within .*, and was stopped: waits for a lock/,
    );
    const pid = Number(await readFile(join(folder.path, "pid"), "utf8"));
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect((await calls()).at(-1)).toMatch(/^cleanup a\.example /);
  });

  it("is stopped with the issuance, and cleaned up all the same", async () => {
    await write('[ "$1" = cleanup ] || sleep 600');
    const controller = new AbortController();
    const present = exec({ command: [hook] }).present([proofOf("a.example")], {
      ...context(),
      signal: controller.signal,
    });
    setTimeout(() => {
      controller.abort(new Error("stopped by the test"));
    }, 200);
    await expect(present).rejects.toThrow("stopped by the test");
    expect((await calls()).map((line) => line.split(" ")[0])).toEqual(["present", "cleanup"]);
  });

  it("says that there is no such program, and that one cannot be executed", async () => {
    const absent = exec({ command: [join(folder.path, "absent")] });
    await expect(absent.present([proofOf("a.example")], context())).rejects.toThrow(
      /could not be started: .*ENOENT/,
    );
    await writeFile(hook, "#!/bin/sh\n", { mode: 0o644 });
    const plain = exec({ command: [hook] });
    await expect(plain.present([proofOf("a.example")], context())).rejects.toThrow(
      /could not be started: .*EACCES/,
    );
  });

  it("says which names may still be answered when the clean-up fails, after all were tried", async () => {
    await write('case "$*" in "cleanup a."*) exit 1;; esac');
    const presentation = await exec({ command: [hook] }).present(
      [proofOf("a.example"), proofOf("b.example")],
      context(),
    );
    await expect(presentation.cleanUp()).rejects.toThrow(
      `the program ${hook}: cleanup: http-01 for a.example: `,
    );
    expect((await calls()).at(-1)).toMatch(/^cleanup b\.example /);
  });

  it("refuses a token that is none before it runs anything", async () => {
    await write("");
    const proof = { ...proofOf("a.example"), token: "--help" };
    await expect(exec({ command: [hook] }).present([proof], context())).rejects.toThrow(
      "http-01 for a.example: the CA sent a token",
    );
    await expect(calls()).rejects.toMatchObject({ code: "ENOENT" });
  });
});
