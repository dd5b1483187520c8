import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { stateless, webroot } from "../../../../sdk/challenges/http-01";
import { type TemporaryDirectory, temporaryDirectory } from "../../../support/process/temp";
import { context, proofOf } from "../../../support/ca/proofs";

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory("web root's ");
  await chmod(folder.path, 0o755);
});
afterEach(() => folder.remove());

const solver = () => webroot({ path: folder.path, targets: ["local"] });
const fileOf = (token: string): string => join(folder.path, ".well-known/acme-challenge", token);
const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o7777).toString(8);

describe("http-01 by webroot", () => {
  it("writes one file per name, readable by the web server, and removes all that it made", async () => {
    const proofs = [proofOf("a.example"), proofOf("b.example")];
    const umask = process.umask(0o077);
    const presentation = await solver()
      .present(proofs, context())
      .finally(() => process.umask(umask));
    for (const { token, keyAuthorization } of proofs) {
      expect(await readFile(fileOf(token), "utf8")).toBe(keyAuthorization);
      expect(await modeOf(fileOf(token))).toBe("644");
    }
    expect(await modeOf(join(folder.path, ".well-known"))).toBe("755");
    expect(await modeOf(join(folder.path, ".well-known/acme-challenge"))).toBe("755");
    await presentation.cleanUp();
    await presentation.cleanUp();
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("leaves directories and files that others made", async () => {
    await mkdir(join(folder.path, ".well-known"), { mode: 0o750 });
    await writeFile(join(folder.path, ".well-known/security.txt"), "x");
    const presentation = await solver().present([proofOf("a.example")], context());
    await presentation.cleanUp();
    expect(await readdir(join(folder.path, ".well-known"))).toEqual(["security.txt"]);
    expect(await modeOf(join(folder.path, ".well-known"))).toBe("750");
  });

  it("keeps a directory while another certificate's token is in it", async () => {
    const [a, b] = [proofOf("a.example"), proofOf("b.example")];
    const first = await solver().present([a], context());
    const second = await solver().present([b], context());
    await first.cleanUp();
    expect(existsSync(fileOf(a.token))).toBe(false);
    expect(await readFile(fileOf(b.token), "utf8")).toBe(b.keyAuthorization);
    await second.cleanUp();
    expect(existsSync(fileOf(b.token))).toBe(false);
  });

  it("keeps the file of an authorization that another certificate shares", async () => {
    const proof = proofOf("a.example");
    const first = await solver().present([proof], context());
    const second = await solver().present([proof, proofOf("b.example")], context());
    await first.cleanUp();
    await first.cleanUp();
    expect(await readFile(fileOf(proof.token), "utf8")).toBe(proof.keyAuthorization);
    await second.cleanUp();
    expect(existsSync(fileOf(proof.token))).toBe(false);
  });

  it("makes a folder again that another certificate has just removed", async () => {
    for (let times = 0; times < 12; times++) {
      const first = await solver().present([proofOf("a.example")], context());
      const late = proofOf("b.example");
      const [second] = await Promise.all([solver().present([late], context()), first.cleanUp()]);
      expect(await readFile(fileOf(late.token), "utf8")).toBe(late.keyAuthorization);
      await second.cleanUp();
      await rm(join(folder.path, ".well-known"), { recursive: true, force: true });
    }
  });

  it("refuses a token that is no token before it becomes a path", async () => {
    for (const token of [
      "../../../../../../tmp/escaped-from-webroot",
      "short",
      "$(touch x)aaaaaaaaaaaaaaaaaaa",
      "",
    ]) {
      const present = solver().present([{ ...proofOf("a.example"), token }], context());
      await expect(present).rejects.toThrow("which is refused");
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("says that the path is no directory", async () => {
    const path = join(folder.path, "missing");
    const present = webroot({ path, targets: ["local"] }).present(
      [proofOf("a.example")],
      context(),
    );
    await expect(present).rejects.toMatchObject({
      name: "ChallengeError",
      message: `http-01 for a.example: the challenge files could not be written below ${path}: this machine: ${path} is not a directory`,
    });
  });

  it("undoes what it could write when it could not write all", async () => {
    const proofs = [proofOf("a.example"), proofOf("b.example")];
    mkdirSync(join(folder.path, ".well-known/acme-challenge"), { recursive: true });
    // A directory where the second file belongs.
    mkdirSync(fileOf(proofs[1]?.token ?? ""));
    writeFileSync(join(fileOf(proofs[1]?.token ?? ""), "x"), "");
    await expect(solver().present(proofs, context())).rejects.toThrow(/could not be written/);
    expect(existsSync(fileOf(proofs[0]?.token ?? ""))).toBe(false);
  });
});

describe("http-01 answered by the web server itself", () => {
  it("installs nothing", async () => {
    const presentation = await stateless().present([proofOf("a.example")], context());
    await presentation.cleanUp();
    expect(stateless().challengeType).toBe("http-01");
  });
});
