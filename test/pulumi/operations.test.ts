/** What happens to a stack during its life: it moves, is renamed, is restored, and another copy of the package runs it. */
import { cp, rm, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { httpsProgram } from "../support/engine/https-program";
import { createStack, type Stack } from "../support/engine/pulumi";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";
import { startWebHost, type WebHost } from "../support/ssh/web-host";

const repository = resolve(__dirname, "../..");
const NAME = "one.example";

let host: WebHost;
let stack: Stack;
let folder: TemporaryDirectory;

const program = (...triggers: string[]): string => httpsProgram(host, [NAME], { triggers });

beforeAll(async () => {
  [host, folder] = await Promise.all([startWebHost(), temporaryDirectory()]);
  stack = await createStack(program("1"));
  await stack.up({ skipPreview: true });
}, 120_000);

afterAll(async () => {
  await stack.stop();
  await host.stop();
  await folder.remove();
});

describe("nothing changes, and neither the CA nor a host is asked", () => {
  /** An `up` that does nothing. */
  async function expectNothing(): Promise<void> {
    const before = host.pebble.requests().length;
    expect((await stack.up()).changes).toEqual({ same: 6 });
    expect(host.pebble.requests().length).toBe(before);
  }

  it("when copies of the package in different places take turns", async () => {
    const link = join(stack.directory, "node_modules/pulumi-acme");
    const copy = join(folder.path, "copy");
    for (const name of ["dist", "package.json"]) {
      await cp(join(repository, name), join(copy, name), { recursive: true });
    }
    await symlink(join(repository, "node_modules"), join(copy, "node_modules"));
    for (const place of [copy, repository, copy, repository]) {
      await rm(link);
      await symlink(place, link);
      await expectNothing();
    }
  });

  it("when the stack is renamed, or its state goes through an export", async () => {
    await stack.run(["stack", "rename", "live"]);
    await expectNothing();
    await stack.importState((await stack.exportState()).text);
    await expectNothing();
    await stack.run(["stack", "rename", "dev"]);
    await expectNothing();
  });
});

describe("a state that is moved to another backend", () => {
  it("is the same there", async () => {
    const { text } = await stack.exportState({ showSecrets: true });
    const elsewhere = await createStack(program("1"));
    try {
      await elsewhere.importState(text);
      const before = host.pebble.requests().length;
      expect((await elsewhere.up()).changes).toEqual({ same: 6 });
      expect(host.pebble.requests().length).toBe(before);
      expect((await elsewhere.exportState()).text).not.toContain("PRIVATE KEY");
    } finally {
      await elsewhere.stop();
    }
  });
});

describe("a state that is older than the last renewal", () => {
  it("deploys its own certificate again, which is valid, and says what it replaces", async () => {
    const { text: backup } = await stack.exportState();
    const { fingerprint: old } = await stack.outputs();
    await stack.setProgram(program("2"));
    await stack.up({ skipPreview: true });
    const { fingerprint: newer } = await stack.outputs();
    await expect.poll(() => host.servedFingerprint(NAME)).toBe(newer);

    await stack.importState(backup);
    await stack.setProgram(program("1"));
    const { stdout } = await stack.up({ refresh: true });
    expect(stdout).toMatch(/fullchain\.pem was changed/);
    await expect.poll(() => host.servedFingerprint(NAME)).toBe(old);
    expect((await stack.up()).changes).toEqual({ same: 6 });
  });

  it("renews where its program says so, and the certificate that the state does not know does no harm", async () => {
    await stack.setProgram(program("2"));
    await stack.up({ refresh: true, skipPreview: true });
    const { fingerprint } = await stack.outputs();
    await expect.poll(() => host.servedFingerprint(NAME)).toBe(fingerprint);
  });
});

describe("a state that is lost", () => {
  it("is made anew by an up: the files on the host are taken over", async () => {
    const { accountKeyPem } = await stack.outputs();
    const fresh = await createStack(program("2"));
    try {
      await fresh.up({ skipPreview: true });
      const outputs = await fresh.outputs();
      expect(outputs["accountKeyPem"]).not.toBe(accountKeyPem);
      await expect.poll(() => host.servedFingerprint(NAME)).toBe(outputs["fingerprint"]);
    } finally {
      await fresh.stop();
    }
  });
});
