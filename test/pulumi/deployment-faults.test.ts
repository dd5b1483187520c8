/** A deployment that goes wrong, on the real engine: what is served meanwhile, and that the next `up` repairs it. */
import { X509Certificate } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fingerprintOf, startSite, type Site } from "../support/nginx/deploy-site";
import { createStack, type Stack } from "../support/engine/pulumi";
import { deeds, EACH, errorOf } from "../support/engine/pulumi-outcome";
import { startSshd, type Sshd } from "../support/ssh/sshd";
import { startWay, type Way } from "../support/ssh/cuttable-proxy";

describe("a deployment to a host that serves another certificate", () => {
  let site: Site;
  let sshd: Sshd;
  let way: Way;
  let stack: Stack;
  /** The certificate that is served: every test ends with a newer one. */
  let current: Issued;

  interface Issued {
    readonly fullchainPem: string;
    readonly privateKeyPem: string;
  }

  beforeAll(async () => {
    [site, sshd] = await Promise.all([startSite(), startSshd()]);
    way = await startWay(sshd.port);
    current = await issue();
    stack = await createStack(program(current, { verify: false }));
    await stack.up({ skipPreview: true });
    await site.open();
  });
  afterAll(async () => {
    await stack.stop();
    await Promise.all([way.stop(), sshd.stop()]);
    await site.stop();
  });

  const issue = (): Promise<Issued> => site.issue();
  const fingerprint = ({ fullchainPem }: Issued): string =>
    fingerprintOf(new X509Certificate(fullchainPem));

  function program(
    { fullchainPem, privateKeyPem }: Issued,
    deployment: object = {},
    siteArgs: object = {},
  ): string {
    const { nginx, directory, address } = site;
    const commands = { test: nginx.test, reload: nginx.reload };
    const settings = {
      connection: { ...sshd.connection, port: way.port, dialErrorLimit: 1 },
      deployment: {
        ...commands,
        certificate: { fullchainPem, privateKeyPem },
        service: "nginx",
        directory,
        verify: { address, timeout: "3s" },
        ...deployment,
      },
      site: {
        ...commands,
        serverNames: ["plain.example"],
        listen: { http: nginx.httpPort, address: "127.0.0.1", ipv6: false },
        root: join(nginx.prefix, "html"),
        configFile: join(nginx.configDirectory, "plain.conf"),
        ...siteArgs,
      },
    };
    return `
      import * as acme from "pulumi-acme";
      const { connection, deployment, site } = ${JSON.stringify(settings)};
      new acme.CertificateDeployment("tls", { ...deployment, connection });
      new acme.NginxSite("plain", { ...site, connection });
    `;
  }

  async function onDisk(): Promise<string[]> {
    const names = ["fullchain.pem", "privkey.pem"];
    return Promise.all(names.map((name) => readFile(join(site.directory, name), "utf8")));
  }

  async function expectAsBefore(): Promise<void> {
    expect(await site.served()).toBe(fingerprint(current));
    expect(await onDisk()).toEqual([current.fullchainPem, current.privateKeyPem]);
    const { resources } = await stack.exportState();
    const deployment = resources.find(({ type }) => type.endsWith(":CertificateDeployment"));
    expect(deployment?.outputs).toMatchObject({ fingerprintSha256: fingerprint(current) });
  }

  /** Plain `up` brings `next`, and another one changes nothing. */
  async function expectRepair(next: Issued): Promise<void> {
    await stack.setProgram(program(next));
    expect(deeds(await stack.up({ skipPreview: true }))).toMatchObject({ tls: "update" });
    current = next;
    await expectAsBefore();
    // Nothing that was staged, set aside or locked is left.
    const left = (await readdir(site.directory)).map((name) => name.replace(/^\.v-.*/, ".v-"));
    expect(left.sort()).toEqual([
      ".current",
      ".pulumi-acme",
      ".v-",
      "fullchain.pem",
      "privkey.pem",
    ]);
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ tls: "same", plain: "same" });
  }

  it("`nginx -t` fails: the old certificate and the old configuration keep being served", async () => {
    const next = await issue();
    const broken = join(site.nginx.configDirectory, "broken.conf");
    await writeFile(broken, "nonsense on;\n");
    const file = join(site.nginx.configDirectory, "plain.conf");
    const before = await readFile(file, "utf8");
    await stack.setProgram(program(next, {}, { extraConfig: "add_header X-Other 1;" }));
    const up = await stack.up(EACH);
    expect(deeds(up)).toEqual({ tls: "failed", plain: "failed" });
    for (const name of ["tls", "plain"]) {
      expect(errorOf(up, name)).toMatch(
        /127\.0\.0\.1:\d+: test: .*unknown directive "nonsense" in .*broken\.conf:1/,
      );
    }
    await expectAsBefore();
    expect(await readFile(file, "utf8")).toBe(before);
    await rm(broken);
    await expectRepair(next);
  });

  it("a site's own words are wrong: nginx says which, and the file is as it was", async () => {
    const file = join(site.nginx.configDirectory, "plain.conf");
    const before = await readFile(file, "utf8");
    await stack.setProgram(program(current, {}, { extraConfig: "ad_header X-Other 1;" }));
    const up = await stack.up(EACH);
    expect(deeds(up)).toEqual({ tls: "same", plain: "failed" });
    expect(errorOf(up, "plain")).toMatch(/unknown directive "ad_header"/);
    expect(await readFile(file, "utf8")).toBe(before);
    await stack.setProgram(program(current, {}, { extraConfig: "add_header X-Other 1;" }));
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ tls: "same", plain: "update" });
    expect(await readFile(file, "utf8")).toContain("add_header X-Other 1;");
    await stack.setProgram(program(current));
    await stack.up({ skipPreview: true });
  });

  it("the reload does nothing: the handshake tells, and the old files are put back", async () => {
    const next = await issue();
    await stack.setProgram(program(next, { reload: "true" }));
    const up = await stack.up(EACH);
    expect(errorOf(up, "tls")).toMatch(
      /127\.0\.0\.1:\d+: verify: .*another certificate.*the old files are in use again/,
    );
    await expectAsBefore();
    await expectRepair(next);
  });

  it("the connection is cut in the middle of a write: nothing half written is ever in use", async () => {
    const next = await issue();
    // So long that the cut is in the middle of it, far behind the login.
    const long = {
      ...next,
      fullchainPem: next.fullchainPem + site.authority.rootPem.repeat(300),
    };
    await stack.setProgram(program(long));
    way.cutAfter(120_000);
    const up = await stack.up(EACH);
    expect(way.cuts()).toBe(1);
    expect(errorOf(up, "tls")).toMatch(
      /127\.0\.0\.1:\d+: write files: .*(connection|ECONNRESET).*the host puts the old files back/,
    );
    await expectAsBefore();
    await expectRepair(next);
  });

  it("the connection is cut between the switch and the reload: the host decides, and the next up knows", async () => {
    const next = await issue();
    const marker = join(site.folder, "switched");
    const go = join(site.folder, "go");
    const test = `: >'${marker}'; i=0; while [ ! -e '${go}' ] && [ $i -lt 200 ]; do sleep 0.1; i=$((i+1)); done; ${site.nginx.test}`;
    await stack.setProgram(program(next, { test }));
    const running = stack.startUp(EACH);
    for (let tries = 0; (await stat(marker).catch(() => undefined)) === undefined; tries++) {
      if (tries > 1200) throw new Error(`no switch: ${running.output()}`);
      await sleep(50);
    }
    // What runs on the host goes on.
    way.cut();
    await writeFile(go, "");
    const up = await running.finished;
    expect(errorOf(up, "tls")).toMatch(/127\.0\.0\.1:\d+: .*(connection|ECONNRESET)/);
    // The whole of one pair, never a mixture, and that is what is served.
    await expect
      .poll(
        async () => {
          const [fullchainPem = "", privateKeyPem = ""] = await onDisk();
          const pair = [current, next].find((one) => one.fullchainPem === fullchainPem);
          if (pair?.privateKeyPem !== privateKeyPem) return "a mixture";
          return (await site.served()) === fingerprint(pair) ? "consistent" : "not served";
        },
        { timeout: 20_000 },
      )
      .toBe("consistent");
    await expectRepair(next);
  });

  it("somebody else's hand was on the host: refresh finds it, and the same up repairs it", async () => {
    await rm(join(site.directory, "privkey.pem"));
    const file = join(site.nginx.configDirectory, "plain.conf");
    await writeFile(file, `${await readFile(file, "utf8")}# by hand\n`);
    const before = await stack.preview({ refresh: true });
    expect(deeds(before)).toEqual({ tls: "update", plain: "update" });
    await stack.up({ skipPreview: true, refresh: true });
    await expectAsBefore();
    expect(await readFile(file, "utf8")).not.toContain("by hand");
  });

  it("the host is down: refresh warns and keeps the state, an up without a change does not notice, destroy says so", async () => {
    const outputs = async (): Promise<unknown> => {
      const { resources } = await stack.exportState({ showSecrets: true });
      return Object.fromEntries(resources.map((one) => [one.urn, one.outputs]));
    };
    const before = await outputs();
    await sshd.cut();
    const refresh = await stack.refresh();
    for (const name of ["tls", "plain"]) {
      const warnings = refresh.diagnostics.filter(
        ({ severity, urn }) => severity === "warning" && urn.endsWith(`::${name}`),
      );
      expect(warnings.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/127\.0\.0\.1:\d+: connect: /),
      );
    }
    expect(await outputs()).toEqual(before);
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ tls: "same", plain: "same" });
    const destroy = await stack.destroy({ expectFailure: true, args: ["--continue-on-error"] });
    for (const name of ["tls", "plain"]) {
      expect(errorOf(destroy, name)).toMatch(/127\.0\.0\.1:\d+: connect: .*nothing was removed/);
    }
    expect(await outputs()).toEqual(before);
    await sshd.start();
    await stack.destroy();
    expect(await readdir(site.nginx.configDirectory)).toEqual(["site.conf"]);
    expect(await readdir(site.folder)).not.toContain("ssl");
  });
});
