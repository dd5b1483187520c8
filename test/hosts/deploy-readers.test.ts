/** Users that must be able to read a deployed key: several, by access lists, through every directory on the way. */
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { createAuthority } from "../support/ca/certificate-authority";
import { resourceRun } from "../support/engine/handler-run";
import { temporaryDirectory } from "../support/process/temp";
import { describeUnless, missingTools } from "../support/process/tools";
import { cannotMakeUsers, createSystemUser, type SystemUser } from "../support/ssh/system-user";

describeUnless(cannotMakeUsers() ?? missingTools("setfacl"), "users that read the key", () => {
  let mail: SystemUser;
  let web: SystemUser;
  let closed: string;
  let remove: () => Promise<void>;
  beforeEach(async () => {
    [mail, web] = await Promise.all([createSystemUser(), createSystemUser()]);
    const temporary = await temporaryDirectory("readers-");
    remove = temporary.remove;
    await chmod(temporary.path, 0o755);
    closed = join(temporary.path, "closed");
    await mkdir(closed, { mode: 0o700 });
  });
  afterEach(async () => {
    await Promise.all([remove(), mail.remove(), web.remove()]);
  });

  async function args(more: Properties): Promise<Properties> {
    const { certificatePem, privateKeyPem } = await (await createAuthority()).issue(["a.example"]);
    return {
      certificate: { fullchainPem: certificatePem, privateKeyPem },
      connection: "local",
      directory: join(closed, "ssl"),
      files: [
        { path: "fullchain.pem", content: "fullchain" },
        {
          path: "privkey.pem",
          content: "privateKey",
          acl: [`u:${mail.name}:r`, `u:${web.name}:r`],
        },
      ],
      readableBy: [mail.name, web.name],
      __urn: "urn:pulumi:dev::p::pulumi-nodejs:dynamic/acme:CertificateDeployment::web",
      ...more,
    };
  }

  function read(user: SystemUser): string {
    const key = join(closed, "ssl/privkey.pem");
    return execFileSync("runuser", ["-u", user.name, "--", "cat", key], {
      stdio: "pipe",
    }).toString();
  }

  it("are several, by access lists on the file and on the directory above", async () => {
    execFileSync("setfacl", ["-m", `u:${mail.name}:x,u:${web.name}:x`, closed]);
    const run = resourceRun(deploymentHandler);
    await run.up(await args({}));
    const key = await readFile(join(closed, "ssl/privkey.pem"), "utf8");
    expect([read(mail), read(web)]).toEqual([key, key]);
    // Nobody else: what is seen as the group's bits is the mask.
    expect(execFileSync("getfacl", ["-cp", join(closed, "ssl/privkey.pem")]).toString()).toMatch(
      /^group::---$[^]*^other::---$/m,
    );
    await run.refresh();
    expect(run.state["__state"]).toMatchObject({ drift: [] });
  });

  it("are told which directory they cannot enter, and nothing is changed", async () => {
    execFileSync("setfacl", ["-m", `u:${mail.name}:x`, closed]);
    const run = resourceRun(deploymentHandler);
    await expect(run.up(await args({}))).rejects.toThrow(
      `check that ${web.name} can read ${closed}/ssl/privkey.pem: it cannot enter ${closed}; let it, such as by setfacl -m u:${web.name}:x`,
    );
    await expect(stat(join(closed, "ssl"))).rejects.toThrow(/ENOENT/);
  });

  it("are told of the file where no directory is in the way, and of a user that is none", async () => {
    execFileSync("setfacl", ["-m", `u:${mail.name}:x`, closed]);
    const files = [{ path: "privkey.pem", content: "privateKey" }];
    const run = resourceRun(deploymentHandler);
    const only = await args({ files, readableBy: [mail.name] });
    await expect(run.up(only)).rejects.toThrow(
      /it cannot; give it the group, the mode or an access/,
    );
    await expect(run.up({ ...only, readableBy: ["acme-nobody"] })).rejects.toThrow(
      /check that acme-nobody can read .*user acme-nobody does not exist/,
    );
  });
});
