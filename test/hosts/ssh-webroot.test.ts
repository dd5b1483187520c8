import { chmod, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { webroot } from "../../sdk/challenges/http-01";
import type { Proof } from "../../sdk/challenges/solver";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser } from "../support/ssh/system-user";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";
import { context, proofOf } from "../support/ca/proofs";

describeWithTools(["sshd", "ssh-keygen"], "http-01 by webroot over SSH", () => {
  let web1: Sshd;
  let web2: Sshd;
  let folder: TemporaryDirectory;

  beforeAll(async () => {
    [web1, web2] = await Promise.all([startSshd(), startSshd()]);
  });
  afterAll(async () => {
    await web1.stop();
    await web2.stop();
  });
  beforeEach(async () => {
    folder = await temporaryDirectory("webroot-");
    await chmod(folder.path, 0o755);
    return () => folder.remove();
  });

  const read = (proof: Proof): Promise<string> =>
    readFile(join(folder.path, ".well-known/acme-challenge", proof.token), "utf8");

  it("writes on every host, and cleans up on every host", async () => {
    // Both hosts are this machine: what one wrote the other writes again, and both were there.
    const before = [web1, web2].map((web) => web.log().length);
    const solver = webroot({ path: folder.path, targets: [web1.connection, web2.connection] });
    expect(solver.label).toContain(`127.0.0.1:${String(web1.port)} and `);
    const proofs = [proofOf("a.example"), proofOf("b.example")];
    const presentation = await solver.present(proofs, context());
    for (const proof of proofs) expect(await read(proof)).toBe(proof.keyAuthorization);
    await presentation.cleanUp();
    expect(await readdir(folder.path)).toEqual([]);
    for (const [index, web] of [web1, web2].entries()) {
      expect(web.log().slice(before[index])).toContain("Starting session: command");
    }
  });

  it("undoes what one host has when another one fails, and names that one", async () => {
    const closed = { ...web2.connection, port: 1, dialErrorLimit: 1 };
    const solver = webroot({ path: folder.path, targets: [web1.connection, closed] });
    const present = solver.present([proofOf("a.example")], context());
    await expect(present).rejects.toMatchObject({
      name: "ChallengeError",
      message: expect.stringMatching(
        /^http-01 for a\.example: the challenge files could not be written below .*: \w+@127\.0\.0\.1:1: connect: connection refused/,
      ) as string,
    });
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("cleans up on the other hosts when one is gone, and says what may be left where", async () => {
    await mkdir(join(folder.path, ".well-known"));
    const gone = await startSshd();
    const solver = webroot({
      path: folder.path,
      targets: [{ ...gone.connection, dialErrorLimit: 1 }, web1.connection],
    });
    const proof = proofOf("a.example");
    const presentation = await solver.present([proof], context());
    expect(await read(proof)).toBe(proof.keyAuthorization);
    await gone.stop();
    await expect(presentation.cleanUp()).rejects.toThrow(
      `challenge files may be left below ${folder.path}/.well-known/acme-challenge/: ${gone.user}@127.0.0.1:${String(gone.port)}: `,
    );
    await expect(read(proof)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.skipIf(cannotMakeUsers() !== undefined)("says that the user may not write there", async () => {
    const user = await createSystemUser();
    const sshd = await startSshd({ user: user.name });
    try {
      const solver = webroot({ path: folder.path, targets: [sshd.connection] });
      await expect(solver.present([proofOf("a.example")], context())).rejects.toThrow(
        /Permission denied/,
      );
    } finally {
      await sshd.stop();
      await user.remove();
    }
  });
});
