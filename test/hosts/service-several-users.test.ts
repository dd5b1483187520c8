/** One copy of the files for services that run as different users, by an access list: NixOS does this for mail servers. */
import { execFileSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { createAuthority } from "../support/ca/certificate-authority";
import { resourceRun } from "../support/engine/handler-run";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";
import { asUser } from "../support/services/own-user";

const KEY = { path: "privkey.pem", content: "privateKey" };
const CHAIN = { path: "fullchain.pem", content: "fullchain" };

describeWithTools(["setfacl", "prosody", "turnserver"], "prosody and coturn", () => {
  let folder: TemporaryDirectory;
  beforeEach(async () => {
    folder = await temporaryDirectory("users-");
    await chmod(folder.path, 0o755);
  });
  afterEach(() => folder.remove());

  async function deployment(more: Properties): Promise<Properties> {
    const authority = await createAuthority();
    const { certificatePem, privateKeyPem } = await authority.issue(["chat.example"]);
    return {
      certificate: { fullchainPem: certificatePem, privateKeyPem },
      connection: "local",
      service: ["prosody", "coturn"],
      directory: join(folder.path, "ssl"),
      test: "true",
      reload: "true",
      verify: false,
      readableBy: ["prosody", "turnserver"],
      __urn: "urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:CertificateDeployment::chat",
      ...more,
    };
  }

  /** Whether `user` can read the key. */
  function reads(user: string): boolean {
    const { command, args } = asUser(user, "cat", [join(folder.path, "ssl", "privkey.pem")]);
    try {
      execFileSync(command, args, { stdio: "pipe" });
      return true;
    } catch {
      return false;
    }
  }

  it("read one key by an access list, also after a renewal; nobody else does", async () => {
    const acl = ["u:prosody:r", "u:turnserver:r"];
    const run = resourceRun(deploymentHandler);
    for (const outcome of ["created", "updated"]) {
      const args = await deployment({ files: [CHAIN, { ...KEY, acl }] });
      expect(await run.up(args)).toBe(outcome);
      expect(["prosody", "turnserver", "nobody"].map(reads)).toEqual([true, true, false]);
    }
  });

  it("are refused without one, before anything is written", async () => {
    await expect(resourceRun(deploymentHandler).up(await deployment({}))).rejects.toThrow(
      /these services want privkey\.pem for different users \(:prosody and :turnserver\)/,
    );
  });

  it("are refused a key that one of them cannot read, and told which", async () => {
    const args = await deployment({ files: [CHAIN, { ...KEY, mode: "0640", group: "prosody" }] });
    await expect(resourceRun(deploymentHandler).up(args)).rejects.toThrow(
      /check that turnserver can read .*privkey\.pem: it cannot; give it the group, the mode or an access list/,
    );
  });
});
