/** Another name for what lies on a host, on the real engine, which creates the new one before it deletes the old one. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createAuthority } from "../support/ca/certificate-authority";
import { createStack, type Stack } from "../support/engine/pulumi";
import { deeds } from "../support/engine/pulumi-outcome";
import { type Nginx, startNginx } from "../support/nginx/nginx";

describe("a site and a deployment that get another name (pulumi/pulumi#9894)", () => {
  let nginx: Nginx;
  let stack: Stack;
  let certificate: object;

  beforeAll(async () => {
    nginx = await startNginx();
    const authority = await createAuthority();
    const { certificatePem: fullchainPem, privateKeyPem } = await authority.issue(["example.com"]);
    certificate = { fullchainPem, privateKeyPem };
    stack = await createStack(program("old"));
    await stack.up({ skipPreview: true });
  });
  afterAll(async () => {
    await stack.stop();
    await nginx.stop();
  });

  const configFile = (): string => join(nginx.configDirectory, "example.conf");
  const directory = (): string => join(nginx.prefix, "ssl");
  const program = (name: string, options: object = {}): string => {
    const { test, reload, httpPort: http } = nginx;
    const listen = { http, ipv6: false };
    const commands = { connection: "local", test, reload };
    const site = { ...commands, serverNames: ["example.com"], listen, configFile: configFile() };
    const deployment = {
      connection: "local",
      certificate,
      directory: directory(),
      verify: false,
    };
    return `
      import * as acme from "pulumi-acme";
      new acme.NginxSite("${name}-site", ${JSON.stringify(site)}, ${JSON.stringify(options)});
      new acme.CertificateDeployment("${name}-tls", ${JSON.stringify(deployment)});
    `;
  };
  const there = async (): Promise<string> => {
    expect(existsSync(join(directory(), "fullchain.pem"))).toBe(true);
    return readFile(configFile(), "utf8");
  };
  const up = async (replace?: string): Promise<{ done: object; warnings: string }> => {
    const args = replace === undefined ? [] : ["--replace", `**::${replace}`];
    const outcome = await stack.up({ skipPreview: true, args });
    const said = outcome.diagnostics.filter(({ severity }) => severity === "warning");
    return { done: deeds(outcome), warnings: said.map(({ message }) => message).join("\n") };
  };

  it("are taken over with a word on aliases, and the next `up` has nothing to do", async () => {
    await stack.setProgram(program("new"));
    const { done, warnings } = await up();
    expect(done).toMatchObject({ "new-site": "create", "old-site": "delete" });
    expect(warnings).toMatch(/taken over from urn:pulumi:.*::old-site.*`aliases`/);
    expect(await there()).toContain("::new-site");
    expect((await up()).done).toEqual({ "new-site": "same", "new-tls": "same" });
  });

  it("with an alias are not touched, and can be replaced afterwards", async () => {
    await stack.setProgram(program("newer", { aliases: [{ name: "new-site" }] }));
    expect((await up()).done).toMatchObject({ "newer-site": "same" });
    expect(await there()).toContain("::new-site");
    // The engine asks for no diff then: the new life of the site cannot know of its former name.
    const { done, warnings } = await up("newer-site");
    expect(done).toMatchObject({ "newer-site": "delete-replaced" });
    expect(warnings).toMatch(/^[^\n]* is taken over from [^\n]*$/);
    expect(await there()).toContain("::newer-site");
  });
});
