/** A self-signed certificate where none is yet: a service starts before the first issue. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { createAuthority, type TestAuthority } from "../support/ca/certificate-authority";
import { resourceRun } from "../support/engine/handler-run";
import { fingerprintOf, NAME, servedAt } from "../support/nginx/deploy-site";
import { launchNginx, nginxCommands, prepareNginx } from "../support/nginx/nginx";
import { freePort } from "../support/process/ports";
import type { ServerProcess } from "../support/process/server-process";
import { temporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";

let folder: string;
let remove: () => Promise<void>;
let authority: TestAuthority;
beforeEach(async () => {
  ({ path: folder, remove } = await temporaryDirectory("self-signed-"));
  authority = await createAuthority();
});
afterEach(() => remove());

interface Issued {
  readonly fullchainPem: string;
  readonly privateKeyPem: string;
}

async function issue(): Promise<Issued> {
  const { certificatePem, privateKeyPem } = await authority.issue([NAME]);
  return { fullchainPem: certificatePem, privateKeyPem };
}

function fingerprint({ fullchainPem }: Issued): string {
  return fingerprintOf(new X509Certificate(fullchainPem));
}

function args(name: string, more: Properties = {}): Properties {
  const urn = `urn:pulumi:dev::p::pulumi-nodejs:dynamic/acme:CertificateDeployment::${name}`;
  return { connection: "local", directory: join(folder, "ssl"), __urn: urn, ...more };
}

function there(name = "fullchain.pem"): Promise<string> {
  return readFile(join(folder, "ssl", name), "utf8");
}

describe("a deployment with selfSigned, and without a certificate,", () => {
  it("lays one for the host's name, with its key, and keeps it", async () => {
    const run = resourceRun(deploymentHandler);
    const standIn = args("stand-in", { selfSigned: true });
    await run.up(standIn);
    const laid = await there();
    const leaf = new X509Certificate(laid);
    expect([leaf.subject, leaf.subjectAltName]).toEqual([
      "CN=self-signed stand-in",
      "DNS:localhost",
    ]);
    expect(leaf.checkPrivateKey(createPrivateKey(await there("privkey.pem")))).toBe(true);
    expect(run.state["fingerprintSha256"]).toBe(fingerprintOf(leaf));
    expect(JSON.stringify(run.state)).not.toContain("PRIVATE KEY");
    await run.refresh();
    expect(await run.up(standIn)).toBe("unchanged");
    await run.up({ ...standIn, triggers: ["again"] });
    expect(await there()).toBe(laid);
  });

  it("never replaces a real one, whoever put it there", async () => {
    const real = await issue();
    await mkdir(join(folder, "ssl"));
    await writeFile(join(folder, "ssl/fullchain.pem"), real.fullchainPem);
    await writeFile(join(folder, "ssl/privkey.pem"), real.privateKeyPem);
    const run = resourceRun(deploymentHandler);
    await run.up(args("stand-in", { selfSigned: true }));
    expect(run.state["fingerprintSha256"]).toBe(fingerprint(real));
    await run.up(args("stand-in", { selfSigned: true, triggers: [1] }));
    await run.destroy();
    expect([await there(), await there("privkey.pem")]).toEqual([
      real.fullchainPem,
      real.privateKeyPem,
    ]);
    expect(run.warnings()).toEqual([]);
  });

  it("leaves half of a real one alone, and says what is missing", async () => {
    await mkdir(join(folder, "ssl"));
    await writeFile(join(folder, "ssl/privkey.pem"), "somebody's key\n");
    const run = resourceRun(deploymentHandler);
    await run.up(args("stand-in", { selfSigned: true }));
    expect(run.warnings().join()).toMatch(/no stand-in is laid .*ssl\/fullchain\.pem is missing/);
    expect(await there("privkey.pem")).toBe("somebody's key\n");
  });

  it("becomes the real one when there is a certificate, and stays it", async () => {
    const run = resourceRun(deploymentHandler);
    const real = await issue();
    // A reference to what another stack has not issued yet.
    await run.up(args("web", { selfSigned: true, certificate: {} }));
    expect(await run.up(args("web", { selfSigned: true, certificate: real }))).toBe("updated");
    expect(await there()).toBe(real.fullchainPem);
    expect(run.state["fingerprintSha256"]).toBe(fingerprint(real));
    expect(run.warnings()).toEqual([]);
    await run.destroy();
    await expect(there()).rejects.toThrow(/ENOENT/);
  });

  it("becomes the real one also where the service that has to serve it is down, and is removed as that", async () => {
    const run = resourceRun(deploymentHandler);
    await run.up(args("web", { selfSigned: true }));
    const down = { reload: "echo 'web is not running' >&2; exit 1" };
    const verify = { address: "127.0.0.1:1" };
    const real = await issue();
    const insisting = args("web", { selfSigned: true, certificate: real, verify, ...down });
    await expect(run.up(insisting)).rejects.toThrow(/does not run .*the new files are kept/);
    expect(await there()).toBe(real.fullchainPem);
    await run.destroy();
    await expect(there("privkey.pem")).rejects.toThrow(/ENOENT/);
  });

  it("is laid anew where its files are gone, and needs neither the test nor the reload to succeed", async () => {
    const run = resourceRun(deploymentHandler);
    const standIn = args("stand-in", { selfSigned: true, test: "false", reload: "exit 1 # off" });
    await run.up(standIn);
    await rm(join(folder, "ssl"), { recursive: true });
    await run.refresh();
    expect(await run.up(standIn)).toBe("updated");
    expect(await there()).toContain("BEGIN CERTIFICATE");
  });

  it("is refused without selfSigned", async () => {
    const run = resourceRun(deploymentHandler);
    await expect(run.up(args("web"))).rejects.toThrow(/is missing; only with `selfSigned: true`/);
    await expect(run.up(args("web", { certificate: {} }))).rejects.toThrow(/is missing/);
  });
});

describeWithTools(["nginx"], "nginx whose site names the files", () => {
  let nginx: ServerProcess | undefined;
  afterEach(() => nginx?.stop());

  it("starts with the stand-in, and goes over to the certificate without a word", async () => {
    const prefix = join(folder, "nginx");
    const ssl = join(folder, "ssl");
    const address = `127.0.0.1:${String(await freePort())}`;
    const { configDirectory } = await prepareNginx(prefix);
    await writeFile(
      join(configDirectory, "site.conf"),
      `server { listen ${address} ssl; ssl_certificate ${ssl}/fullchain.pem; ssl_certificate_key ${ssl}/privkey.pem; }`,
    );
    await expect(launchNginx(prefix)).rejects.toThrow(/cannot load certificate/);

    const service = { service: "nginx", ...nginxCommands(prefix) };
    const standIn = resourceRun(deploymentHandler);
    const before = args("stand-in", { selfSigned: true, ...service });
    await standIn.up(before);
    nginx = await launchNginx(prefix);
    await expect.poll(() => servedAt(address)).toBe(standIn.state["fingerprintSha256"]);

    const web = resourceRun(deploymentHandler);
    const certificate = await issue();
    await web.up(args("web", { certificate, ...service, verify: { address } }));
    // A worker that is ending may take one connection more.
    await expect.poll(() => servedAt(address)).toBe(fingerprint(certificate));
    expect(web.warnings()).toEqual([]);

    // The stand-in neither takes its files back nor removes them.
    await standIn.refresh();
    expect(await standIn.up(before)).toBe("unchanged");
    await standIn.up({ ...before, triggers: [1] });
    await standIn.destroy();
    expect(standIn.warnings()).toEqual([]);
    await web.refresh();
    expect(web.state["__state"]).toMatchObject({ drift: [] });
    expect(await there()).toBe(certificate.fullchainPem);
  });
});
