/** Hosts that do not let us, on the real engine: each is told apart, the others are deployed, and the next `up` repairs the rest. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { startSite, type Site } from "../support/nginx/deploy-site";
import { freePort } from "../support/process/ports";
import { createStack, type Stack } from "../support/engine/pulumi";
import { deeds, EACH, errorOf } from "../support/engine/pulumi-outcome";
import { generateSshKey } from "../support/ssh/ssh-keys";
import { startSshd, type Sshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser, type SystemUser } from "../support/ssh/system-user";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { describeUnless } from "../support/process/tools";

/** As `ssh-keygen -l` shows a key. */
function sshFingerprint(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

describeUnless(cannotMakeUsers(), "a host that does not let us", () => {
  let sshd: Sshd;
  let user: SystemUser;
  let userSshd: Sshd;
  let folder: TemporaryDirectory;
  let site: Site;
  let stack: Stack;

  beforeAll(async () => {
    user = await createSystemUser();
    folder = await temporaryDirectory("refused-");
    await chmod(folder.path, 0o755);
    [sshd, userSshd, site] = await Promise.all([
      startSshd(),
      startSshd({ user: user.name }),
      startSite(),
    ]);
    await mkdir(join(folder.path, "disk"));
    const size = "size=64k";
    execFileSync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", join(folder.path, "disk")]);
  });
  afterAll(async () => {
    await stack.stop();
    execFileSync("umount", [join(folder.path, "disk")]);
    await Promise.all([sshd.stop(), userSshd.stop(), site.stop()]);
    await user.remove();
    await folder.remove();
  });

  it("is told apart: wrong host key, key refused, no sudo, no right to write, disk full, nobody there; the rest is deployed", async () => {
    const [otherHost, otherKey] = [await generateSshKey(), await generateSshKey()];
    const { fullchainPem, privateKeyPem } = await site.issue();
    const { connection } = sshd;
    const long = fullchainPem + site.authority.rootPem.repeat(200);
    const deployments = (healed: boolean): Record<string, object> => ({
      hostkey: {
        connection: healed ? connection : { ...connection, hostKey: otherHost.publicKey },
      },
      keyfile: {
        connection: healed ? connection : { ...connection, privateKey: otherKey.privateKeyPem },
      },
      nosudo: { connection: healed ? connection : { ...userSshd.connection, sudo: true } },
      noright: { connection: healed ? connection : userSshd.connection },
      nobody: {
        connection: healed ? connection : { ...connection, port: closedPort, dialErrorLimit: 1 },
      },
      disk: {
        connection,
        directory: join(folder.path, "disk", "tls"),
        certificate: { fullchainPem: healed ? fullchainPem : long, privateKeyPem },
      },
      made: { connection, directory: join(folder.path, "has", "to", "be", "made") },
    });
    const closedPort = await freePort();
    const program = (healed: boolean): string => `
      import * as acme from "pulumi-acme";
      const common = ${JSON.stringify({ certificate: { fullchainPem, privateKeyPem } })};
      for (const [name, args] of Object.entries(${JSON.stringify(deployments(healed))})) {
        new acme.CertificateDeployment(name, { ...common, directory: ${JSON.stringify(folder.path)} + "/" + name, ...args });
      }
    `;
    stack = await createStack(program(false));
    const up = await stack.up(EACH);
    expect(deeds(up)).toEqual({
      hostkey: "failed",
      keyfile: "failed",
      nosudo: "failed",
      noright: "failed",
      nobody: "failed",
      disk: "failed",
      made: "create",
    });
    const at = `127\\.0\\.0\\.1:\\d+: `;
    const hostkey = errorOf(up, "hostkey");
    expect(hostkey).toMatch(
      new RegExp(
        `${at}connect: it shows .*somebody may be in between; .*correct hostKey or knownHosts`,
      ),
    );
    for (const key of [sshd.hostKey, otherHost.publicKey])
      expect(hostkey).toContain(sshFingerprint(key));
    expect(errorOf(up, "keyfile")).toMatch(new RegExp(`${at}connect: .*key`));
    expect(errorOf(up, "nosudo"), userSshd.log()).toMatch(new RegExp(`${at}.*sudo.*${user.name}`));
    expect(errorOf(up, "noright")).toMatch(new RegExp(`${at}.*Permission denied`));
    expect(errorOf(up, "nobody")).toMatch(new RegExp(`${at}connect: .*connection refused`));
    expect(errorOf(up, "disk")).toMatch(
      new RegExp(
        `${at}write ${join(folder.path, "disk", "tls", "fullchain.pem")}: .*space.*nothing was changed`,
        "i",
      ),
    );
    // Who made the folders is nobody's secret; who may read the key is.
    for (const path of ["has", "has/to", "has/to/be", "has/to/be/made"]) {
      expect((await stat(join(folder.path, path))).mode & 0o7777).toBe(0o755);
    }
    expect((await stat(join(folder.path, "has/to/be/made/privkey.pem"))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder.path)).sort()).toEqual(["disk", "has"]);
    expect(await readdir(join(folder.path, "disk"), { recursive: true })).toEqual([]);
    // Not the debug messages: with --debug Pulumi's SDK shows every reply, whatever it holds.
    const messages = up.diagnostics.filter(({ severity }) => severity !== "debug");
    const said = up.stdout + up.stderr + JSON.stringify(messages);
    for (const pem of [privateKeyPem, sshd.privateKeyPem, otherKey.privateKeyPem]) {
      expect(said).not.toContain(pem.split("\n")[1]);
    }

    await stack.setProgram(program(true));
    const repaired = await stack.up({ skipPreview: true });
    expect(deeds(repaired)).toEqual({
      ...Object.fromEntries(Object.keys(deployments(true)).map((name) => [name, "create"])),
      made: "same",
    });
    await stack.destroy();
    // The folders above a deployment's own stay: others may have come to use them.
    const left = await readdir(folder.path, { recursive: true });
    expect(left.sort()).toEqual(["disk", "has", "has/to", "has/to/be"]);
  });
});
