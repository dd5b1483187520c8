/** What presets ask of a host, and several services that share one deployment. */
import { readdir, readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { applyOrKeep, applyPlan } from "../../sdk/deploy";
import { type DeploymentService, SERVICES } from "../../sdk/deploy/services";
import { shellQuote } from "../../sdk/hosts";
import { localHost } from "../../sdk/hosts/local/host";
import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { serviceConfigHandler } from "../../sdk/provider/service-config";
import { createAuthority, type TestAuthority } from "../support/ca/certificate-authority";
import { resourceRun } from "../support/engine/handler-run";
import { closeServer, listenOn } from "../support/process/ports";
import { type Listener, listener, places, planIn } from "../support/ssh/deploy-host";

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, remove } = await places());
});
afterEach(() => remove());

describe("a service that is not installed", () => {
  it("is named with its package, and nothing is written", async () => {
    const needs = [{ program: "acme-no-such-daemon", package: "no-such-package" }];
    await expect(applyPlan(localHost, planIn(folder, "1", { needs }), listener())).rejects.toThrow(
      /look for acme-no-such-daemon: it is not installed there \(on Debian: apt-get install no-such-package\).*; nothing was changed/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it("is none that lies where the search path does not lead", async () => {
    const needs = [{ program: "useradd", package: "passwd" }];
    const path = process.env["PATH"];
    process.env["PATH"] = "/usr/bin:/bin";
    try {
      await applyPlan(localHost, planIn(folder, "1", { needs }), listener());
    } finally {
      process.env["PATH"] = path;
    }
    expect(await readdir(folder)).toEqual(["ssl"]);
  });
});

describe("of several services, one that does not run", () => {
  async function deploy(heard: Listener, mustRun?: readonly string[]): Promise<unknown> {
    const chain = shellQuote(join(folder, "ssl/site/fullchain.pem"));
    const reloads = [
      { service: "postfix", command: "echo 'the mail system is not running'; exit 1" },
      { service: "dovecot", command: `cat ${chain} >>${shellQuote(join(folder, "log"))}` },
    ];
    return applyOrKeep(localHost, planIn(folder, "1", { reloads }), {
      ...heard,
      service: "postfix and dovecot",
      verify: mustRun && (() => Promise.resolve()),
      mustRun: new Set(mustRun),
    });
  }

  it("keeps the files, is warned about by name, and the others are reloaded", async () => {
    const heard = listener();
    expect(await deploy(heard)).toMatchObject({ notRunning: true, reloaded: true });
    expect(heard.warnings).toEqual([
      expect.stringMatching(
        /postfix does not run \(the mail system is not running \(exit code 1\)\); the new files are kept/,
      ),
    ]);
    expect(await readFile(join(folder, "log"), "utf8")).toBe("chain 1\n");
  });

  it("is an error where it is the one that has to serve the certificate; the files stay", async () => {
    await expect(deploy(listener(), ["postfix"])).rejects.toThrow(/verify: postfix does not run/);
    expect(await readFile(join(folder, "ssl/site/fullchain.pem"), "utf8")).toBe("chain 1\n");
    await deploy(listener(), ["dovecot"]);
  });

  it("is an error with one reload for all of them, too, because that is nobody's alone", async () => {
    const reload = "echo 'the mail system is not running'; exit 1";
    const context = {
      ...listener(),
      service: "postfix and dovecot",
      verify: () => Promise.resolve(),
      mustRun: new Set(["postfix"]),
    };
    await expect(applyOrKeep(localHost, planIn(folder, "1", { reload }), context)).rejects.toThrow(
      /verify: postfix and dovecot does not run/,
    );
  });
});

describe("of two services, of which the first does not run, the second", () => {
  const presets = { postfix: { ...SERVICES.postfix }, dovecot: { ...SERVICES.dovecot } };
  const log = (): Promise<string> => readFile(join(folder, "log"), "utf8");
  const shared = (): Properties => ({ service: ["postfix", "dovecot"], connection: "local" });
  beforeEach(() => {
    const told = `echo told >>${shellQuote(join(folder, "log"))}`;
    const quiet = { test: undefined, installed: undefined };
    const down = "echo 'postfix is not running'; exit 1";
    Object.assign(SERVICES.postfix, { ...quiet, reload: down });
    Object.assign(SERVICES.dovecot, { ...quiet, reload: told });
  });
  afterEach(() => {
    Object.assign(SERVICES.postfix, presets.postfix);
    Object.assign(SERVICES.dovecot, presets.dovecot);
  });

  it("is told that their configuration is gone", async () => {
    const run = resourceRun(serviceConfigHandler);
    const __urn = "urn:pulumi:dev::p::pulumi-nodejs:dynamic/acme:ServiceConfig::mail";
    const args = { path: join(folder, "mail.conf"), content: "# mail\n", verify: false, __urn };
    await run.up({ ...args, ...shared() });
    expect(await log()).toBe("told\n");
    expect(run.warnings().join()).toContain("postfix does not run");
    await run.destroy();
    expect(await log()).toBe("told\ntold\n");
    expect(run.warnings()).toEqual([]);
  });

  it("is told of their secret configuration, whatever words this has", async () => {
    const run = resourceRun(serviceConfigHandler);
    const content = "# a reload of postfix that has failed: not running, exit; the reload of\n";
    const args = { path: join(folder, "mail.conf"), content, mode: "0600", __secretConfig: true };
    await run.up({ ...args, ...shared() });
    expect(await log()).toBe("told\n");
    expect(run.warnings().join()).toMatch(/: postfix does not run \(/);
  });

  it("is told of their stand-in", async () => {
    const run = resourceRun(deploymentHandler);
    const directory = join(folder, "ssl");
    await run.up({ ...shared(), directory, selfSigned: true, verify: false });
    expect(await log()).toBe("told\n");
  });
});

describe("the ports of services", () => {
  const open: Server[] = [];
  const ports = Object.fromEntries(
    Object.entries(SERVICES).map(([name, { port }]) => [name, port]),
  );
  let authority: TestAuthority;
  beforeEach(async () => {
    authority = await createAuthority();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(closeServer));
    for (const [name, port] of Object.entries(ports))
      Object.assign(SERVICES[name as DeploymentService], { port });
  });

  async function issue(): Promise<{ fullchainPem: string; privateKeyPem: string }> {
    const { certificatePem, privateKeyPem } = await authority.issue(["site.example"]);
    return { fullchainPem: certificatePem, privateKeyPem };
  }

  /** In place of the service's usual port: a server that reads the deployed files, or one that never does. */
  async function serve(service: DeploymentService, kind: "reads" | "deaf"): Promise<number> {
    const { fullchainPem: cert, privateKeyPem: key } = await issue();
    const server = createServer({ cert, key });
    server.on("tlsClientError", () => undefined);
    server.on("secureConnection", (socket) => socket.on("error", () => undefined));
    server.on("connection", () => {
      if (kind === "deaf") return;
      const read = (name: string): Buffer => readFileSync(join(folder, "ssl", name));
      server.setSecureContext({ cert: read("fullchain.pem"), key: read("privkey.pem") });
    });
    open.push(server);
    const port = await listenOn(server);
    Object.assign(SERVICES[service], { port });
    return port;
  }

  function args(certificate: Properties, more: Properties): Properties {
    const directory = join(folder, "ssl");
    const urn = "urn:pulumi:dev::p::pulumi-nodejs:dynamic/acme:CertificateDeployment::web";
    const commands = { test: "true", reload: "true" };
    return { certificate, connection: "local", directory, ...commands, __urn: urn, ...more };
  }

  it("must all serve the certificate: one that does not undoes the deployment", async () => {
    const run = resourceRun(deploymentHandler);
    const service = ["nginx", "apache"];
    const first = await issue();
    await run.up(args(first, { service, verify: false }));
    await serve("nginx", "reads");
    const deaf = await serve("apache", "deaf");
    const verify = { timeout: "1s" };
    await expect(run.up(args(await issue(), { service, verify }))).rejects.toThrow(
      new RegExp(`after 1 s 127.0.0.1:${String(deaf)} serves another certificate`),
    );
    expect(await readFile(join(folder, "ssl/fullchain.pem"), "utf8")).toBe(first.fullchainPem);
  });

  it('are looked at with verify: "report", and nothing is undone', async () => {
    const run = resourceRun(deploymentHandler);
    const deaf = await serve("nginx", "deaf");
    const first = await issue();
    const reporting = { service: "nginx", verify: "report" };
    await run.up(args(first, reporting));
    expect(run.warnings().join()).toContain(
      `127.0.0.1:${String(deaf)}: the new certificate is not what is served there`,
    );
    expect(await readFile(join(folder, "ssl/fullchain.pem"), "utf8")).toBe(first.fullchainPem);
    await run.refresh();
    expect(run.state["__state"]).toMatchObject({ drift: [] });
    // Without it this one fails, because the port served a certificate for the name before.
    const strict = { service: "nginx", verify: { timeout: "1s" } };
    await expect(run.up(args(await issue(), strict))).rejects.toThrow(/another certificate/);
    expect(await run.up(args(first, reporting))).toBe("unchanged");
  });
});

it("needs one of several programs", async () => {
  const needing = (program: string): Promise<unknown> =>
    applyPlan(
      localHost,
      planIn(folder, "1", { needs: [{ program, package: "no-such-package" }] }),
      listener(),
    );
  await expect(needing("acme-no-such-daemon acme-nor-this")).rejects.toThrow(
    /look for acme-no-such-daemon or acme-nor-this: it is not installed/,
  );
  expect(await readdir(folder)).toEqual([]);
  await needing("acme-no-such-daemon sh");
  expect(await readdir(folder)).toEqual(["ssl"]);
});
