/** A machine that is made anew at its old address, on the real engine: what the program knows of it brings everything there. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createAuthority } from "../support/ca/certificate-authority";
import { createStack, type Stack } from "../support/engine/pulumi";
import { deeds } from "../support/engine/pulumi-outcome";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { startSshd, type Sshd } from "../support/ssh/sshd";

describe("a machine that is made anew at its address and port, with another host key", () => {
  let folder: TemporaryDirectory;
  let sshd: Sshd;
  let stack: Stack;
  let certificate: object;

  beforeAll(async () => {
    const authority = await createAuthority();
    const { certificatePem, privateKeyPem } = await authority.issue(["example.com"]);
    certificate = { fullchainPem: certificatePem + authority.rootPem, privateKeyPem };
    [folder, sshd] = await Promise.all([temporaryDirectory("anew-"), startSshd()]);
    stack = await createStack(program());
    await stack.up({ skipPreview: true });
  });
  afterAll(async () => {
    await stack.stop();
    await sshd.stop();
    await folder.remove();
  });

  const directory = (): string => join(folder.path, "ssl");
  const configFile = (): string => join(folder.path, "conf.d", "example.conf");
  const program = (more: object = {}): string => {
    const connection = { ...sshd.connection, dialErrorLimit: 1 };
    const deployment = { connection, certificate, directory: directory(), verify: false, ...more };
    const commands = { test: "true", reload: "true" };
    const site = {
      connection,
      serverNames: ["example.com"],
      configFile: configFile(),
      ...commands,
    };
    return `
      import * as acme from "pulumi-acme";
      new acme.CertificateDeployment("tls", ${JSON.stringify(deployment)});
      new acme.NginxSite("site", ${JSON.stringify(site)});
    `;
  };
  const there = (): boolean[] =>
    [join(directory(), "fullchain.pem"), configFile()].map((path) => existsSync(path));
  const madeAnew = async (): Promise<void> => {
    const { port } = sshd;
    await sshd.stop();
    for (const path of [directory(), join(folder.path, "conf.d")])
      await rm(path, { recursive: true, force: true });
    sshd = await startSshd({ port });
  };

  it.each([false, true])(
    "is brought everything by `up` with the new key (refresh: %s)",
    async (refresh) => {
      await madeAnew();
      await stack.setProgram(program());
      const up = await stack.up({ skipPreview: true, refresh });
      expect(deeds(up)).toEqual({ tls: "update", site: "update" });
      expect(there()).toEqual([true, true]);
      expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ tls: "same", site: "same" });
    },
  );

  it("is not asked to remove what lay on the old disk: a warning, as for a host that is gone", async () => {
    await madeAnew();
    const other = join(folder.path, "other");
    await stack.setProgram(program({ directory: other }));
    const up = await stack.up({ skipPreview: true });
    const warnings = up.diagnostics.filter(({ severity }) => severity === "warning");
    expect(warnings.map(({ message }) => message).join("\n")).toMatch(
      /it shows ssh-ed25519 .*another machine is done.*ssl\/fullchain\.pem/,
    );
    expect(existsSync(join(other, "fullchain.pem"))).toBe(true);
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ tls: "same", site: "same" });
  });
});
