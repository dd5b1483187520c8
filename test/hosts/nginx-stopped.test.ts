/** A service that does not run: deployments and sites bring it what it needs to start, and take nothing away (acmesh-official/acme.sh#4639). */
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { nginxSiteHandler } from "../../sdk/provider/nginx-site";
import { createAuthority } from "../support/ca/certificate-authority";
import { resourceRun } from "../support/engine/handler-run";
import { NAME, servedAt } from "../support/nginx/deploy-site";
import { launchNginx, nginxCommands, prepareNginx } from "../support/nginx/nginx";
import { freePorts } from "../support/process/ports";
import type { ServerProcess } from "../support/process/server-process";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";

describe("an nginx that waits for its certificate", () => {
  let folder: TemporaryDirectory;
  let configDirectory: string;
  let directory: string;
  let [http, https] = [0, 0];
  let server: ServerProcess | undefined;

  beforeEach(async () => {
    folder = await temporaryDirectory("stopped-");
    ({ configDirectory } = await prepareNginx(folder.path));
    [http = 0, https = 0] = await freePorts(2);
    directory = join(folder.path, "ssl");
    await writeFile(
      join(configDirectory, "tls.conf"),
      `server { listen 127.0.0.1:${String(https)} ssl; server_name ${NAME};
         ssl_certificate ${directory}/fullchain.pem; ssl_certificate_key ${directory}/privkey.pem; }`,
    );
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    await folder.remove();
  });

  const address = (): string => `127.0.0.1:${String(https)}`;
  const start = async (): Promise<void> => {
    server = await launchNginx(folder.path);
    await expect.poll(() => servedAt(address()), { timeout: 5000 }).toBeDefined();
  };
  const files = async (): Promise<string[]> =>
    Promise.all(
      ["fullchain.pem", "privkey.pem"].map((name) => readFile(join(directory, name), "utf8")),
    );
  async function deployment(more: object = {}): Promise<Properties> {
    const authority = await createAuthority();
    const { certificatePem, privateKeyPem } = await authority.issue([NAME]);
    return {
      certificate: { fullchainPem: certificatePem, privateKeyPem },
      connection: "local",
      service: "nginx",
      directory,
      ...nginxCommands(folder.path),
      __urn: "urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:CertificateDeployment::web",
      ...more,
    };
  }
  const site = (more: object = {}): Properties => ({
    connection: "local",
    serverNames: ["other.example"],
    listen: { http, address: "127.0.0.1" },
    locations: [{ path: "/", return: "200 here" }],
    configFile: join(configDirectory, "other.conf"),
    ...nginxCommands(folder.path),
    __urn: "urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:NginxSite::other",
    ...more,
  });

  it("gets it, with a warning, and starts with it; a renewal in the meantime as well", async () => {
    const run = resourceRun(deploymentHandler);
    await run.up(await deployment());
    expect(run.warnings().join("\n")).toMatch(
      /^warning: this machine: nginx does not run \(.*nginx\.pid.*\); the new files are kept/,
    );
    expect(run.state).toMatchObject({ reloaded: false });
    const renewed = await deployment();
    expect(await run.up(renewed)).toBe("updated");
    expect(await files()).toEqual(Object.values(renewed["certificate"] as object));
    await start();
    expect(await servedAt(address())).toBe(run.state["fingerprintSha256"]);
    expect(await run.up(renewed)).toBe("unchanged");
  });

  it("gets it also where `verify` demands that it is served, which is an error until nginx runs", async () => {
    const run = resourceRun(deploymentHandler);
    const args = await deployment({ verify: { address: address(), timeout: "3s" } });
    const refusal = /verify: nginx does not run \(.*the new files are kept/;
    await expect(run.up(args)).rejects.toThrow(refusal);
    await expect(run.up(args)).rejects.toThrow(refusal);
    expect(await files()).toEqual(Object.values(args["certificate"] as object));
    await start();
    expect(await run.up(args)).toBe("updated");
    expect(run.state["servedFingerprintSha256"]).toBe(run.state["fingerprintSha256"]);
    await rm(join(configDirectory, "tls.conf"));
    await run.destroy();
    expect(existsSync(directory)).toBe(false);
  });

  it("is not given what its own test refuses", async () => {
    await writeFile(join(configDirectory, "broken.conf"), "nonsense on;\n");
    const run = resourceRun(deploymentHandler);
    await expect(run.up(await deployment())).rejects.toThrow(
      /test: .*unknown directive "nonsense"/,
    );
    expect(existsSync(directory)).toBe(false);
  });

  it("gets a site, which is removed again without a word and without being started", async () => {
    const tls = join(configDirectory, "tls.conf");
    await rm(tls);
    const run = resourceRun(nginxSiteHandler);
    await run.up(site());
    expect(run.warnings().join("\n")).toMatch(/^warning: this machine: nginx does not run/);
    expect(await readdir(configDirectory)).toContain("other.conf");
    await run.destroy();
    expect(run.warnings()).toEqual([]);
    expect((await readdir(configDirectory)).filter((name) => name.endsWith(".conf"))).toEqual([]);
  });
});

it("any service whose reload says that it does not run keeps its new files", async () => {
  const folder = await temporaryDirectory("stopped-");
  try {
    const authority = await createAuthority();
    const { certificatePem, privateKeyPem } = await authority.issue([NAME]);
    const run = resourceRun(deploymentHandler);
    const directory = join(folder.path, "ssl");
    const args = { certificate: { fullchainPem: certificatePem, privateKeyPem }, directory };
    const reload = "echo 'fatal: the Postfix mail system is not running' >&2; exit 1";
    await run.up({ ...args, connection: "local", reload });
    expect(run.warnings().join("\n")).toContain(
      "the service does not run (fatal: the Postfix mail system is not running (exit code 1))",
    );
    expect(existsSync(join(directory, "privkey.pem"))).toBe(true);
    // Any other failure undoes the switch.
    const other = resourceRun(deploymentHandler);
    const elsewhere = { ...args, directory: join(folder.path, "other"), connection: "local" };
    await expect(other.up({ ...elsewhere, reload: "echo no >&2; exit 1" })).rejects.toThrow(
      /reload: no/,
    );
    expect(existsSync(elsewhere.directory)).toBe(false);
  } finally {
    await folder.remove();
  }
});
