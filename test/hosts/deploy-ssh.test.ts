/** A deployment over a real sshd whose connection is cut, or that is reached as a user with sudo. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { applyPlan, type Plan } from "../../sdk/deploy";
import { deploymentHandler } from "../../sdk/provider/deployment";
import { resourceRun } from "../support/engine/handler-run";
import { type Target, withHost } from "../../sdk/hosts";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser } from "../support/ssh/system-user";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { type Cuttable, cuttable } from "../support/ssh/cuttable-host";
import { startSite } from "../support/nginx/deploy-site";
import { file, listener, logged, places, planIn, snapshot } from "../support/ssh/deploy-host";

const URN = "urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:CertificateDeployment::web-1";

let folder: string;
let beside: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, beside, remove } = await places());
});
afterEach(() => remove());

function plan(version: string, more: Partial<Plan> = {}): Plan {
  return planIn(folder, version, more);
}

describeWithTools(["sshd", "ssh-keygen"], "a connection that is cut", () => {
  let sshd: Sshd;
  let way: Cuttable;
  let target: Target;

  beforeEach(async () => {
    sshd = await startSshd();
    way = await cuttable(sshd.port);
    target = { ...sshd.connection, port: way.port };
    await deploy("1");
  });
  afterEach(async () => {
    await way.close();
    await sshd.stop();
  });

  async function deploy(
    version: string,
    more: Partial<Plan> = {},
    verify?: () => Promise<void>,
  ): Promise<boolean> {
    const context = verify === undefined ? listener() : { ...listener(), verify };
    return withHost(target, async (host) => {
      return (await applyPlan(host, plan(version, more), context)).changed;
    });
  }

  it("in the middle of the content leaves the old files, and nothing of the new ones", async () => {
    const before = await snapshot(folder);
    const { directory = "" } = plan("2");
    const large = randomText(1_000_000);
    const files = [...plan("2").files, file(join(directory, "large.pem"), large)];
    const cutting = withHost(target, (host) => {
      way.cut(300_000);
      return applyPlan(host, plan("2", { files }), listener());
    });
    await expect(cutting).rejects.toMatchObject({ code: "connection-lost", step: "write files" });
    await expect.poll(() => snapshot(folder), { timeout: 10_000 }).toEqual(before);
    expect(await deploy("2", { files })).toBe(true);
    expect(await readFile(join(directory, "large.pem"), "utf8")).toBe(large);
  });

  it("between switch and verdict: the host puts the old files back and reloads, all by itself", async () => {
    const before = await snapshot(folder);
    const reload = logged(join(beside, "reload"));
    let during = "";
    const verify = async (): Promise<void> => {
      during = await readFile(join(folder, "ssl", "site", "privkey.pem"), "utf8");
      way.cut();
      await sleep(100);
    };
    await expect(deploy("2", { reload: reload.command }, verify)).rejects.toMatchObject({
      code: "connection-lost",
      step: "verify",
      message: expect.stringContaining("the host puts the old files back by itself") as string,
    });
    expect(during).toBe("key 2\n");
    await expect.poll(() => snapshot(folder), { timeout: 10_000 }).toEqual(before);
    await expect.poll(() => reload.runs()).toBe(2);
    expect(await deploy("2", { reload: reload.command })).toBe(true);
  });

  it("during the test of new files: the host puts the old ones back, and never reloads", async () => {
    const before = await snapshot(folder);
    const started = join(beside, "started");
    const reload = logged(join(beside, "reload"));
    const test = `touch '${started}'; sleep 1`;
    const deployed = deploy("2", { test, reload: reload.command });
    const cut = (async () => {
      while ((await stat(started).catch(() => undefined)) === undefined) await sleep(20);
      way.cut();
    })();
    await expect(deployed).rejects.toMatchObject({ code: "connection-lost" });
    await cut;
    await expect.poll(() => snapshot(folder), { timeout: 10_000 }).toEqual(before);
    expect(await reload.runs()).toBe(0);
  });

  it("after the reload began, with no handshake to wait for: the host finishes, and the next run finds it done", async () => {
    const started = join(beside, "started");
    const reload = logged(join(beside, "reload"), `touch '${started}'; sleep 1`);
    const deployed = deploy("2", { reload: reload.command });
    const cut = (async () => {
      while ((await stat(started).catch(() => undefined)) === undefined) await sleep(20);
      way.cut();
    })();
    await expect(deployed).rejects.toMatchObject({ code: "connection-lost", step: "reload" });
    await cut;
    const { directory = "" } = plan("2");
    await expect
      .poll(
        async () => (await readdir(directory)).filter((name) => name.startsWith(".pulumi-acme-")),
        {
          timeout: 10_000,
        },
      )
      .toEqual([]);
    expect(await readFile(join(directory, "privkey.pem"), "utf8")).toBe("key 2\n");
    expect(await deploy("2", { reload: reload.command })).toBe(false);
    expect(await reload.runs()).toBe(1);
  });
});

describeWithTools(["nginx", "sshd", "ssh-keygen"], "a first deployment that is cut", () => {
  it("is remembered without being known, finished by the next up, and removed by destroy", async () => {
    const [site, sshd] = await Promise.all([startSite(), startSshd()]);
    const way = await cuttable(sshd.port);
    const run = resourceRun(deploymentHandler);
    const started = join(beside, "started");
    try {
      const certificate = await site.issue();
      const args = {
        certificate,
        connection: { ...sshd.connection, port: way.port },
        directory: site.directory,
        test: `touch '${started}'; sleep 1`,
        __urn: URN,
      };
      const first = run.up(args);
      const cut = (async () => {
        while ((await stat(started).catch(() => undefined)) === undefined) await sleep(20);
        way.cut();
      })();
      await expect(first).rejects.toThrow(/the host puts the old files back by itself/);
      await cut;
      expect(run.state["__state"]).toHaveProperty("ownerId");
      expect(run.state["deployedAt"]).toBeUndefined();
      expect(await run.up(args)).toBe("updated");
      expect(run.state).toMatchObject({ deployedAt: expect.any(String) as string });
      const chain = join(site.directory, "fullchain.pem");
      expect(await readFile(chain, "utf8")).toBe(certificate.fullchainPem);
      await run.destroy();
      await expect(stat(site.directory)).rejects.toThrow(/ENOENT/);
    } finally {
      await way.close();
      await Promise.all([site.stop(), sshd.stop()]);
    }
  });

  it("leaves nothing in the state when the host was never reached", async () => {
    const run = resourceRun(deploymentHandler);
    const site = await startSite();
    try {
      const connection = {
        host: "127.0.0.1",
        port: 1,
        password: "p",
        insecureIgnoreHostKey: true,
        dialErrorLimit: 1,
      };
      const args = { certificate: await site.issue(), connection, __urn: URN };
      await expect(run.up(args)).rejects.toThrow(/root@127\.0\.0\.1:1: connect: /);
      expect(run.state).toEqual({});
    } finally {
      await site.stop();
    }
  });
});

/** Text that compression does not shorten. */
function randomText(length: number): string {
  let text = "";
  for (let block = 0; text.length < length; block++)
    text += createHash("sha512").update(String(block)).digest("base64");
  return text.slice(0, length);
}

describeUnless(cannotMakeUsers(), "a user with sudo and without a terminal", () => {
  it.each(["without-password", "with-password"] as const)("deploys as root %s", async (sudo) => {
    const password = "a pass'word $HOME";
    const user = await createSystemUser({ sudo, password });
    const sshd = await startSshd({ user: user.name });
    try {
      const target: Target = { ...sshd.connection, sudo: true, sudoPassword: password };
      await mkdir(join(folder, "only-root"), { mode: 0o700 });
      const directory = join(folder, "only-root");
      const files = [file(join(directory, "key.pem"), "key\n", { mode: "0600", group: "daemon" })];
      const owned = { resource: "first", directory, files };
      const result = await withHost(target, (host) => applyPlan(host, owned, listener()));
      expect(result.files[0]).toMatchObject({ owner: "root", group: "daemon", mode: "0600" });
      expect(await readFile(join(directory, "key.pem"), "utf8")).toBe("key\n");
    } finally {
      await sshd.stop();
      await user.remove();
    }
  });

  it("is told when sudo does not let it, and nothing is written", async () => {
    const user = await createSystemUser();
    const sshd = await startSshd({ user: user.name });
    try {
      const target: Target = { ...sshd.connection, sudo: true };
      await expect(
        withHost(target, (host) => applyPlan(host, plan("1"), listener())),
      ).rejects.toMatchObject({ code: "sudo" });
      expect(await readdir(folder)).toEqual([]);
    } finally {
      await sshd.stop();
      await user.remove();
    }
  });
});

describe("two deployments to one host at the same time", () => {
  const hosts = () => withHost("local", (host) => Promise.resolve(host));

  function site(name: string, version: string, reload: string, more: Partial<Plan> = {}): Plan {
    const directory = join(folder, name);
    return {
      resource: name,
      directory,
      files: [file(join(directory, "fullchain.pem"), `${name} ${version}\n`)],
      reload,
      ...more,
    };
  }

  it("share one run of an equal reload, which comes after both have switched", async () => {
    const host = await hosts();
    const log = join(beside, "seen");
    const reload = `cat '${folder.replaceAll("'", "'\\''")}'/*/fullchain.pem >>'${log}'; echo -- >>'${log}'`;
    const plans = ["a", "b", "c", "d"].map((name) => site(name, "1", reload));
    const results = await Promise.all(plans.map((one) => applyPlan(host, one, listener())));
    expect(results.every(({ reloaded }) => reloaded)).toBe(true);
    expect(await readFile(log, "utf8")).toBe("a 1\nb 1\nc 1\nd 1\n--\n");
  });

  it("do not share a run with what another reload is for", async () => {
    const host = await hosts();
    const one = logged(join(beside, "one"));
    const two = logged(join(beside, "two"));
    await Promise.all([
      applyPlan(host, site("a", "1", one.command), listener()),
      applyPlan(host, site("b", "1", two.command), listener()),
    ]);
    expect([await one.runs(), await two.runs()]).toEqual([1, 1]);
  });

  it("stand each for itself when the shared run fails", async () => {
    const host = await hosts();
    const reload = `cat '${folder.replaceAll("'", "'\\''")}'/*/fullchain.pem | grep -q bad && exit 1; true`;
    const good = applyPlan(host, site("good", "1", reload), listener());
    const bad = applyPlan(host, site("bad", "1", reload), listener());
    const [, failure] = await Promise.allSettled([good, bad]);
    expect(failure).toMatchObject({ status: "rejected" });
    await expect(readFile(join(folder, "bad", "fullchain.pem"))).rejects.toThrow(/ENOENT/);
  });

  it("one after the other in one directory, and neither loses the other's files", async () => {
    const host = await hosts();
    const reload = logged(join(beside, "reload"));
    const directory = join(folder, "shared");
    const plans = ["a", "b", "c"].map((name): Plan => {
      const files = [file(join(directory, `${name}.pem`), name)];
      return { resource: name, directory, files, reload: reload.command };
    });
    await Promise.all(plans.map((one) => applyPlan(host, one, listener())));
    for (const name of ["a", "b", "c"])
      expect(await readFile(join(directory, `${name}.pem`), "utf8")).toBe(name);
  });
});
