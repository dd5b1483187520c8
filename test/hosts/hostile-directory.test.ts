/** Root works in a directory whose owner attacks: nothing of root's is read, written, removed or given away. */
import { chmod, chown, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";

import { webroot } from "../../sdk/challenges/http-01";
import { applyPlan, type Plan, removeFiles } from "../../sdk/deploy";
import { localHost as host } from "../../sdk/hosts/local/host";
import { sha256Of } from "../../sdk/util/sha256";
import { context, proofOf } from "../support/ca/proofs";
import { describeUnless } from "../support/process/tools";
import { ATTACKER, type Roots, rootsIn, startAttacker } from "../support/ssh/attacker";
import { file, listener } from "../support/ssh/deploy-host";
import { cannotMakeUsers } from "../support/ssh/system-user";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";

/** Tries are many, and the attacker takes one of two cores. */
const TIMEOUT_MS = 180_000;
const NAMES = Array.from({ length: 10 }, (_, index) => `${String(index)}.pem`);

describeUnless(cannotMakeUsers(), "in a directory whose owner attacks", () => {
  let folder: TemporaryDirectory;
  let directory: string;
  let roots: Roots;
  beforeEach(async () => {
    folder = await temporaryDirectory("hostile-");
    await chmod(folder.path, 0o755);
    directory = join(folder.path, "his");
    await mkdir(directory);
    roots = await rootsIn(folder.path, NAMES);
    return () => folder.remove();
  });

  function plan(version: string, more: Partial<Plan> = {}): Plan {
    const files = NAMES.map((name) =>
      file(join(directory, name), `${name} ${version}\n`, { owner: "nobody" }),
    );
    return { resource: "first", directory, files, ...more };
  }

  it(
    "no challenge file leads to a file of root's, in 200 tries",
    { timeout: TIMEOUT_MS },
    async () => {
      const challenges = join(directory, ".well-known/acme-challenge");
      await mkdir(challenges, { recursive: true });
      for (const path of [directory, join(challenges, "..")]) await chown(path, ATTACKER, ATTACKER);
      const attacker = await startAttacker(challenges, roots);
      try {
        const solver = webroot({ path: directory, targets: ["local"] });
        for (let times = 0; times < 10; times++) {
          const proofs = Array.from({ length: 20 }, (_, index) =>
            proofOf(`${String(index)}.example`),
          );
          const presentation = await solver.present(proofs, context()).catch(() => undefined);
          await presentation?.cleanUp().catch(() => undefined);
          expect(await roots.damage()).toEqual([]);
        }
      } finally {
        await attacker.stop();
      }
    },
  );

  it.each([".well-known", ".well-known/acme-challenge"])(
    "no challenge file is written, or removed, through a link that lies ready: %s",
    async (link) => {
      await chown(directory, ATTACKER, ATTACKER);
      if (link.includes("/")) {
        await mkdir(join(directory, ".well-known"));
        await chown(join(directory, ".well-known"), ATTACKER, ATTACKER);
      }
      await symlink(roots.victim, join(directory, link));
      const solver = webroot({ path: directory, targets: ["local"] });
      await expect(solver.present([proofOf("a.example")], context())).rejects.toThrow(
        /is a link, or lies behind one, that others may change/,
      );
      expect(await roots.damage()).toEqual([]);
    },
  );

  it(
    "no deployed file leads to a file of root's, in 200 tries",
    { timeout: TIMEOUT_MS },
    async () => {
      const attacker = await startAttacker(directory, roots);
      let succeeded = 0;
      try {
        for (let times = 0; times < 20; times++) {
          await applyPlan(host, plan(String(times)), listener()).then(
            () => (succeeded += 1),
            () => undefined,
          );
          expect(await roots.damage()).toEqual([]);
        }
      } finally {
        await attacker.stop();
      }
      expect(succeeded).toBeGreaterThan(0);
    },
  );

  it(
    "no file of root's is removed with a deployment's, in 200 tries",
    { timeout: TIMEOUT_MS },
    async () => {
      const attacker = await startAttacker(directory, roots, "current");
      try {
        for (let times = 0; times < 20; times++) {
          await layOut();
          const paths = plan("").files.map(({ path }) => path);
          await removeFiles(host, "first", paths).catch(() => undefined);
          expect(await roots.damage()).toEqual([]);
        }
      } finally {
        await attacker.stop();
      }
    },
  );

  /** As the attacker may leave a directory: the manifest says that his files are the deployment's. */
  async function layOut(): Promise<void> {
    const lines = NAMES.map((name) => `first\t${sha256Of("mine")}\tx\t644/0/0\t${name}\n`);
    await writeFile(join(directory, ".pulumi-acme"), lines.join(""), { mode: 0o644 });
    for (const name of NAMES) {
      await rm(join(directory, name), { force: true });
      await writeFile(join(directory, name), "mine");
    }
  }
});
