/** A host that is gone for good, on the real engine: what was there is forgotten where the user can mean nothing else, or says so. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createStack, type Stack } from "../support/engine/pulumi";
import { deeds, EACH, errorOf } from "../support/engine/pulumi-outcome";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { startSite, type Site } from "../support/nginx/deploy-site";
import { startSshd, type Sshd } from "../support/ssh/sshd";

const NAMES = ["tls", "site"];

describe("a deployment and a site whose host is gone for good", () => {
  let authority: Site;
  let folder: TemporaryDirectory;
  let one: Sshd | undefined;
  let two: Sshd | undefined;
  let stack: Stack;
  let pair: { fullchainPem: string; privateKeyPem: string };

  beforeAll(async () => {
    [authority, folder] = await Promise.all([startSite(), temporaryDirectory("gone-")]);
    pair = await authority.issue();
  });
  afterAll(async () => {
    await stack.stop();
    for (const sshd of [one, two]) await sshd?.stop();
    await authority.stop();
    await folder.remove();
  });

  const at = (sshd: Sshd | undefined, host: string): object => ({
    ...sshd?.connection,
    host,
    dialErrorLimit: 1,
  });
  const program = (connection: object, more: object = {}): string => `
    import * as acme from "pulumi-acme";
    const common = ${JSON.stringify({ connection, test: "true", reload: "true", ...more })};
    new acme.CertificateDeployment("tls", { ...common, ...${JSON.stringify({
      certificate: pair,
      directory: join(folder.path, "ssl"),
      verify: false,
    })} });
    new acme.NginxSite("site", { ...common, ...${JSON.stringify({
      serverNames: ["example.com"],
      configFile: join(folder.path, "site.conf"),
    })} });
  `;
  const warnings = (result: Awaited<ReturnType<Stack["up"]>>, name: string): string =>
    result.diagnostics
      .filter(({ severity, urn }) => severity === "warning" && urn.endsWith(`::${name}`))
      .map(({ message }) => message)
      .join("\n");

  it("are replaced on another host: a warning says what may lie on the old one, and the next up is green", async () => {
    [one, two] = await Promise.all([startSshd(), startSshd()]);
    stack = await createStack(program(at(one, "127.0.0.1")));
    await stack.up({ skipPreview: true });
    await one.cut();
    await stack.setProgram(program(at(two, "localhost")));
    const replaced = await stack.up({ skipPreview: true });
    expect(warnings(replaced, "tls")).toMatch(/127\.0\.0\.1:\d+: connect: .*ssl\/privkey\.pem/);
    expect(warnings(replaced, "site")).toMatch(/127\.0\.0\.1:\d+: connect: .*site\.conf/);
    const again = await stack.up({ skipPreview: true });
    expect(deeds(again)).toEqual({ tls: "same", site: "same" });
    expect(existsSync(join(folder.path, "ssl", "fullchain.pem"))).toBe(true);
  });

  it("whose deletion is pending from another run: the next up forgets it, too", async () => {
    // As a replacement leaves it whose old host could not be reached, before its deletion was given up.
    const exported = JSON.parse((await stack.exportState({ showSecrets: true })).text) as {
      deployment: { resources: { type: string; id?: string; delete?: boolean }[] };
    };
    const { resources } = exported.deployment;
    const ours = resources.filter(({ type }) => /CertificateDeployment|NginxSite/.test(type));
    const text = JSON.stringify(
      ours.map((one) => ({ ...one, id: `${one.id ?? ""}-old`, delete: true })),
    )
      .replaceAll("localhost", "127.0.0.1")
      .replaceAll(String(two?.port), String(one?.port))
      .replace(/"ownerId":"/g, '"ownerId":"old-')
      .replace(/\\"ownerId\\":\\"/g, '\\"ownerId\\":\\"old-');
    resources.push(...(JSON.parse(text) as typeof resources));
    await stack.importState(JSON.stringify(exported));
    const up = await stack.up({ skipPreview: true });
    for (const name of NAMES) expect(warnings(up, name)).toMatch(/127\.0\.0\.1:\d+: connect: /);
    const left = (await stack.exportState()).resources.filter(({ type }) => /acme:/.test(type));
    expect(left).toHaveLength(2);
  });

  it("are not in the program any more: an error names argument and variable, the variable forgets", async () => {
    await two?.cut();
    await stack.setProgram("export {};");
    const up = await stack.up(EACH);
    for (const name of NAMES) {
      expect(errorOf(up, name)).toContain("forgetUnreachable: true");
      expect(errorOf(up, name)).toContain("PULUMI_ACME_FORGET_UNREACHABLE=true");
    }
    const env = { PULUMI_ACME_FORGET_UNREACHABLE: "true" };
    const forgotten = await stack.up({ skipPreview: true, env });
    for (const name of NAMES) expect(warnings(forgotten, name)).toMatch(/localhost:\d+: connect: /);
  });

  it("are forgotten by a destroy where forgetUnreachable was set, which asks no host", async () => {
    await two?.start();
    await stack.setProgram(program(at(two, "localhost")));
    await stack.up({ skipPreview: true });
    await two?.cut();
    const refused = await stack.destroy({ expectFailure: true, args: ["--continue-on-error"] });
    for (const name of NAMES) expect(errorOf(refused, name)).toContain("nothing was removed");
    await stack.setProgram(program(at(two, "localhost"), { forgetUnreachable: true }));
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ tls: "update", site: "update" });
    const destroyed = await stack.destroy();
    for (const name of NAMES) expect(warnings(destroyed, name)).toMatch(/localhost:\d+: connect: /);
    expect((await stack.exportState()).resources.filter(({ type }) => /acme:/.test(type))).toEqual(
      [],
    );
  });
});
