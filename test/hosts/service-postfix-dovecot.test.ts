/** One deployment for a mail server: Postfix and Dovecot, as the real daemons, read one copy of the files. */
import { X509Certificate } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { filesOf, pathsOf } from "../../sdk/deploy/plan-files";
import { type Preset, SERVICES } from "../../sdk/deploy/services";
import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { createAuthority } from "../support/ca/certificate-authority";
import { resourceRun } from "../support/engine/handler-run";
import { fingerprintOf } from "../support/nginx/deploy-site";
import { freePorts } from "../support/process/ports";
import { type ServerProcess, startServer } from "../support/process/server-process";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { describeUnless, missingTools } from "../support/process/tools";
import { dovecotCommands, dovecotIn } from "../support/services/dovecot";
import { type At, NAME, servedAt } from "../support/services/handshakes";
import { otherKey } from "../support/services/own-user";
import { postfixCommands, postfixIn } from "../support/services/postfix";
import type { Daemon, Place } from "../support/services/service-test";
import { cannotMakeUsers } from "../support/ssh/system-user";

const MAIL = ["postfix", "dovecot"] as const;
type Mail = (typeof MAIL)[number];

const MEANT = { postfix: postfixCommands, dovecot: dovecotCommands };
const WRITTEN = { postfix: postfixIn, dovecot: dovecotIn };
const VERIFY = { timeout: "15s" };

const missing = cannotMakeUsers() ?? missingTools("postfix", "dovecot", "openssl");
describeUnless(missing, "postfix and dovecot with one deployment", () => {
  const run = resourceRun(deploymentHandler);
  const presets: Record<Mail, Preset> = {
    postfix: { ...SERVICES.postfix },
    dovecot: { ...SERVICES.dovecot },
  };
  const at = {} as Record<Mail, At>;
  const daemons = {} as Record<Mail, Daemon>;
  const running: Partial<Record<Mail, ServerProcess>> = {};
  let temporary: TemporaryDirectory;
  let last = "";

  beforeAll(async () => {
    temporary = await temporaryDirectory("mail-");
    await chmod(temporary.path, 0o755);
    const directory = join(temporary.path, "ssl");
    const paths = pathsOf(filesOf({ directory, service: MAIL }, true));
    const ports = await freePorts(MAIL.length);
    for (const [index, name] of MAIL.entries()) {
      const folder = join(temporary.path, name);
      await mkdir(folder);
      const port = ports[index] ?? 0;
      const place: Place = { folder, directory, paths, port, pidFile: join(folder, "daemon.pid") };
      daemons[name] = await WRITTEN[name](place);
      const { startTls, test, reload } = presets[name];
      at[name] = { port, startTls };
      const meant = (text: Preset["test"]) => `${MEANT[name](place)}\n${String(text)}`;
      Object.assign(SERVICES[name], { port, test: meant(test), reload: meant(reload) });
    }
  });
  afterAll(async () => {
    for (const name of MAIL) {
      await running[name]?.stop();
      Object.assign(SERVICES[name], presets[name]);
    }
    await temporary.remove();
  });

  async function start(name: Mail): Promise<void> {
    const { command, args } = daemons[name];
    running[name] = await startServer(command, args, {
      cwd: temporary.path,
      ready: async () => (await servedAt(at[name])) !== undefined,
    });
  }

  const authority = createAuthority();
  async function deployment(more: Properties): Promise<{ args: Properties; fingerprint: string }> {
    const { certificatePem, privateKeyPem } = await (await authority).issue([NAME]);
    const args = {
      certificate: { fullchainPem: certificatePem, privateKeyPem },
      connection: "local",
      service: MAIL,
      directory: join(temporary.path, "ssl"),
      __urn: "urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:CertificateDeployment::mail",
      ...more,
    };
    return { args, fingerprint: fingerprintOf(new X509Certificate(certificatePem)) };
  }
  async function deploy(more: Properties = {}): Promise<void> {
    const { args, fingerprint } = await deployment(more);
    last = fingerprint;
    await run.up(args);
  }
  // A process that is about to end may take one connection more.
  const serves = (name: Mail, fingerprint: string) =>
    expect.poll(() => servedAt(at[name]), { timeout: 10_000 }).toBe(fingerprint);

  it("gets the first files before either runs, and each is named", async () => {
    await deploy();
    const words = run.warnings().join("\n");
    for (const name of MAIL)
      expect(words).toMatch(new RegExp(`${name} does not run \\(.*\\); the new files are kept`));
    for (const name of MAIL) {
      await start(name);
      await serves(name, last);
    }
  });

  it("has both serve the next certificate, each at its port", async () => {
    await deploy();
    for (const name of MAIL) await serves(name, last);
    expect(run.warnings()).toEqual([]);
    expect(run.state).toMatchObject({
      reloaded: true,
      servedFingerprintSha256: last,
      __state: { servedOn: MAIL.map((name) => at[name].port) },
    });
  });

  it("has both serve the old one on where one of them refuses the new pair", async () => {
    const { args } = await deployment({ verify: VERIFY, ...otherKey("root")() });
    const attempt = resourceRun(deploymentHandler).up(args);
    await expect(attempt).rejects.toThrow(
      /: reload: .*Key is for a different cert than ssl_cert.* the reload of dovecot failed .*; the old files are in use again, and were reloaded/,
    );
    for (const name of MAIL) await serves(name, last);
  });

  it("has dovecot serve the next one while postfix is down, which is a warning, and an error with verify", async () => {
    await running.postfix?.stop();
    await deploy();
    expect(run.warnings().join()).toMatch(/: postfix does not run \(postfix is not running/);
    await serves("dovecot", last);

    await expect(deploy({ verify: VERIFY })).rejects.toThrow(
      /: verify: postfix does not run \(postfix is not running.*; the new files are kept/,
    );
    await serves("dovecot", last);
    await start("postfix");
    await serves("postfix", last);
  });
});
