/** `CertificateDeployment` on a real nginx, on this machine and behind a real sshd: what is served, in handshakes. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmod, lstat, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";

import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { type ResourceRun, resourceRun } from "../support/engine/handler-run";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers } from "../support/ssh/system-user";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { fingerprintOf, type Site, startSite } from "../support/nginx/deploy-site";

/** What the last refresh found different. */
function drift({ state }: ResourceRun): unknown {
  return (state["__state"] as { drift?: string[] }).drift;
}

const URN = "urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:CertificateDeployment::web-1";

function fingerprint({ fullchainPem }: { fullchainPem: string }): string {
  return fingerprintOf(new X509Certificate(fullchainPem));
}

describeWithTools(["nginx", "sshd", "ssh-keygen"], "a deployment to nginx", () => {
  let site: Site;
  let sshd: Sshd;
  let run: ResourceRun;

  beforeEach(async () => {
    [site, sshd] = await Promise.all([startSite(), startSshd()]);
    run = resourceRun(deploymentHandler);
  });
  afterEach(async () => {
    await Promise.all([site.stop(), sshd.stop()]);
  });

  function args(certificate: Properties, more: Properties = {}): Properties {
    const { nginx, directory, address } = site;
    return {
      certificate,
      connection: sshd.connection,
      service: "nginx",
      directory,
      test: nginx.test,
      reload: nginx.reload,
      verify: { address, timeout: "5s" },
      __urn: URN,
      ...more,
    };
  }

  /** Deploys a first certificate and lets nginx serve it. */
  async function deployFirst(
    more: Properties = {},
  ): Promise<Properties & { fullchainPem: string }> {
    const first = await site.issue();
    await run.up(args(first, { verify: false, ...more }));
    await site.open();
    return first;
  }

  it("brings the first certificate, with outputs that say where and what", async () => {
    const first = await deployFirst();
    await expect.poll(() => site.served()).toBe(fingerprint(first));
    const { directory } = site;
    expect(run.state).toMatchObject({
      paths: {
        fullchain: join(directory, "fullchain.pem"),
        privateKey: join(directory, "privkey.pem"),
      },
      files: [
        { path: join(directory, "fullchain.pem"), mode: "0644" },
        { path: join(directory, "privkey.pem"), mode: "0600" },
      ],
      fingerprintSha256: fingerprint(first),
      reloaded: true,
    });
    expect(await readFile(join(directory, "fullchain.pem"), "utf8")).toBe(first.fullchainPem);
  });

  it("renews while handshakes go on, and not one of them fails", async () => {
    const first = await deployFirst();
    const seen: (string | undefined)[] = [];
    const over = new AbortController();
    const poll = (async () => {
      while (!over.signal.aborted) {
        seen.push(await site.served());
        await sleep(5);
      }
    })();
    const second = await site.issue();
    expect(await run.up(args(second))).toBe("updated");
    await sleep(100);
    over.abort();
    await poll;
    await expect.poll(() => site.served()).toBe(fingerprint(second));
    expect(run.state["servedFingerprintSha256"]).toBe(fingerprint(second));
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).not.toContain(undefined);
    expect(new Set(seen)).toEqual(new Set([fingerprint(first), fingerprint(second)]));
  });

  it("keeps the old certificate in use when nginx -t fails, and reloads nothing", async () => {
    const first = await deployFirst();
    const before = await readFile(join(site.directory, "privkey.pem"), "utf8");
    const worker = await newestWorker();
    await writeFile(join(site.nginx.configDirectory, "broken.conf"), "nonsense on;");
    const second = await site.issue();
    await expect(run.up(args(second))).rejects.toThrow(
      /: test: .*unknown directive "nonsense".*the old files are in use again/,
    );
    await expect.poll(() => site.served()).toBe(fingerprint(first));
    expect(await readFile(join(site.directory, "privkey.pem"), "utf8")).toBe(before);
    expect(await newestWorker()).toBe(worker);
  });

  it("does not believe a reload that does nothing: the handshake tells, and all is put back", async () => {
    const first = await deployFirst();
    const second = await site.issue();
    await expect(
      run.up(args(second, { reload: "true", verify: { address: site.address, timeout: "1s" } })),
    ).rejects.toThrow(/: verify: .*another certificate.*the old files are in use again/);
    expect(await readFile(join(site.directory, "fullchain.pem"), "utf8")).toBe(first.fullchainPem);
    await expect.poll(() => site.served()).toBe(fingerprint(first));
  });

  it("puts the old certificate back in use when the new one is served, and something else is wrong", async () => {
    const first = await deployFirst();
    const second = await site.issue();
    // A name for which another certificate is served: nginx reloads well, the handshake is not satisfied.
    const elsewhere = await startSite();
    try {
      const verify = { address: elsewhere.address, timeout: "1s" };
      await expect(run.up(args(second, { verify }))).rejects.toThrow(/no certificate/);
    } finally {
      await elsewhere.stop();
    }
    await expect.poll(() => site.served()).toBe(fingerprint(first));
  });

  it("touches nothing when the host holds it all, not even the times", async () => {
    const first = await deployFirst();
    const paths = ["fullchain.pem", "privkey.pem", ".current", ".pulumi-acme"];
    const look = () => Promise.all(paths.map((path) => lstat(join(site.directory, path))));
    const before = await look();
    const worker = await newestWorker();
    // Another argument, so that the host is asked.
    expect(await run.up(args(first, { verify: { address: site.address } }))).toBe("updated");
    for (const [index, now] of (await look()).entries()) {
      expect([now.ino, now.mtimeMs, now.ctimeMs]).toEqual([
        before[index]?.ino,
        before[index]?.mtimeMs,
        before[index]?.ctimeMs,
      ]);
    }
    expect(await newestWorker()).toBe(worker);
  });

  it("deploys and reloads again when a trigger changes", async () => {
    const first = await deployFirst();
    const worker = await newestWorker();
    await run.up(args(first, { verify: false, triggers: ["again"] }));
    await expect.poll(newestWorker).not.toBe(worker);
  });

  it("finds drift by refresh, and the next up repairs it", async () => {
    const first = await deployFirst();
    expect(await run.up(args(first, { verify: false }))).toBe("unchanged");
    const key = join(site.directory, "privkey.pem");
    const chain = join(site.directory, "fullchain.pem");
    await chmod(key, 0o644);
    await writeFile(chain, "something else\n");
    await run.refresh();
    expect(drift(run)).toEqual([`${chain} was changed`, `${key} has mode 0644, not 0600`]);
    // Found again by a second refresh: it is compared with what was deployed, not with what was found.
    await run.refresh();
    expect(drift(run)).toHaveLength(2);
    expect(await run.up(args(first, { verify: false }))).toBe("updated");
    expect(await readFile(chain, "utf8")).toBe(first.fullchainPem);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    await run.refresh();
    expect(await run.up(args(first, { verify: false }))).toBe("unchanged");
  });

  it("repairs a file that is gone", async () => {
    const first = await deployFirst();
    await rm(site.directory, { recursive: true });
    await run.refresh();
    expect(drift(run)).toEqual([
      `${join(site.directory, "fullchain.pem")} is missing`,
      `${join(site.directory, "privkey.pem")} is missing`,
    ]);
    await run.up(args(first, { verify: false }));
    expect(await readFile(join(site.directory, "fullchain.pem"), "utf8")).toBe(first.fullchainPem);
  });

  it("finds that the service serves another certificate, and makes it read the files again", async () => {
    const first = await deployFirst();
    const verify = { address: site.address };
    await run.up(args(first, { verify }));
    // Served by hand: nginx gets other files, and the deployed ones stay as they are.
    const foreign = await site.issue();
    const config = join(site.nginx.configDirectory, "site.conf");
    const proper = await readFile(config, "utf8");
    await writeFile(join(site.folder, "foreign.pem"), foreign.fullchainPem + foreign.privateKeyPem);
    await writeFile(
      config,
      proper.replace(/\S+(fullchain|privkey)\.pem/g, `${site.folder}/foreign.pem`),
    );
    process.kill(site.nginx.pid(), "SIGHUP");
    await expect.poll(() => site.served()).toBe(fingerprint(foreign));
    await writeFile(config, proper);
    await run.refresh();
    expect(run.state["servedFingerprintSha256"]).toBe(fingerprint(foreign));
    expect(drift(run)).toEqual([`${site.address} serves another certificate`]);
    await run.up(args(first, { verify }));
    await expect.poll(() => site.served()).toBe(fingerprint(first));
    expect(drift(run)).toBeUndefined();
  });

  it("keeps the state, with a warning, when the host is down during a refresh", async () => {
    await deployFirst({ connection: { ...sshd.connection, dialErrorLimit: 1 } });
    const before = run.state;
    await sshd.cut();
    await sleep(2500); // the shared session is given up
    await run.refresh();
    expect(run.state).toEqual(before);
    expect(run.warnings().join("\n")).toMatch(/could not be looked at.*127\.0\.0\.1/);
    await expect(run.destroy()).rejects.toThrow(/nothing was removed.*forgetUnreachable/);
  }, 60_000);

  it("takes over credentials without asking the host", async () => {
    const first = await deployFirst();
    const moved = { ...sshd.connection, dialErrorLimit: 1, password: "x", user: "nobody" };
    expect(await run.up(args(first, { verify: false, connection: moved }))).toBe("updated");
    expect(run.state).toMatchObject({ __arguments: { connection: moved } });
  });

  it("is replaced without a gap: the new files first, the old ones last, and what both have stays", async () => {
    const first = await deployFirst();
    const files = [
      { path: "fullchain.pem", content: "fullchain" },
      { path: "renamed.pem", content: "privateKey" },
    ];
    const news = args(first, { verify: false, files });
    expect(await run.up(news)).toBe("to be replaced");
    const successor = resourceRun(deploymentHandler);
    await successor.up(news);
    await run.destroy();
    expect(await readFile(join(site.directory, "fullchain.pem"), "utf8")).toBe(first.fullchainPem);
    expect(await readFile(join(site.directory, "renamed.pem"), "utf8")).toBe(first.privateKeyPem);
    await expect(stat(join(site.directory, "privkey.pem"))).rejects.toThrow(/ENOENT/);
    await successor.refresh();
    expect(await successor.up(news)).toBe("unchanged");
  });

  it("writes every form of the certificate that is asked for, and PKCS#12 once", async () => {
    const first = await site.issue();
    const contents = ["certificate", "issuer", "bundle", "certificateDer", "privateKeyDer"];
    const files = [
      ...contents.map((content) => ({ path: content, content })),
      { path: "store.p12", content: "pkcs12", password: "a password", mode: "0640" },
    ];
    await run.up(args(first, { verify: false, files }));
    const store = join(site.directory, "store.p12");
    const made = await readFile(store);
    const listing = execFileSync(
      "openssl",
      ["pkcs12", "-in", store, "-passin", "pass:a password", "-nodes"],
      { encoding: "utf8" },
    );
    expect(listing).toContain("PRIVATE KEY");
    // Other arguments change: the file on the host is the one that was made, and stays.
    await run.up(args(first, { verify: false, files, reload: "true" }));
    expect(await readFile(store)).toEqual(made);
    expect(run.state["reloaded"]).toBe(true);
    await run.refresh();
    expect(drift(run)).toEqual([]);
  });

  it("removes what is its own on destroy, and the directory that was made for it", async () => {
    await deployFirst();
    await run.destroy();
    await expect(stat(site.directory)).rejects.toThrow(/ENOENT/);
    expect(await readFile(join(site.folder, ".pulumi-acme"), "utf8").catch(() => "none")).toBe(
      "none",
    );
  });

  /** The process of nginx's newest worker: a reload makes another one, and the old ones linger. */
  async function newestWorker(): Promise<string> {
    const pid = String(site.nginx.pid());
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    return children.trim().split(" ").at(-1) ?? "";
  }
});

describeUnless(cannotMakeUsers(), "a deployment whose service is on its own port", () => {
  // An address of this test alone: port 443 of the usual one may be taken.
  const address = "127.0.0.77";
  let site: Site;
  let sshd: Sshd;
  let run: ResourceRun;

  beforeEach(async () => {
    [site, sshd] = await Promise.all([
      startSite({ address: `${address}:443` }),
      startSshd({ config: [`ListenAddress ${address}`] }),
    ]);
    run = resourceRun(deploymentHandler);
  });
  afterEach(async () => {
    await Promise.all([site.stop(), sshd.stop()]);
  });

  function args(certificate: Properties, more: Properties = {}): Properties {
    const { nginx, directory } = site;
    return {
      certificate,
      connection: { ...sshd.connection, host: address },
      service: "nginx",
      directory,
      test: nginx.test,
      reload: nginx.reload,
      __urn: URN,
      ...more,
    };
  }

  it("only says what is served where the site comes after the files, and insists from then on", async () => {
    const first = await site.issue();
    await run.up(args(first));
    expect(run.state["servedFingerprintSha256"]).toBeUndefined();
    await site.open();
    const second = await site.issue();
    await expect(run.up(args(second, { reload: "true" }))).rejects.toThrow(
      /verify: after 30 s 127\.0\.0\.77:443 serves another certificate .*the old files are in use/,
    );
    expect(await readFile(join(site.directory, "fullchain.pem"), "utf8")).toBe(first.fullchainPem);
    expect(await run.up(args(second))).toBe("updated");
    await expect.poll(() => site.served()).toBe(fingerprint(second));
    expect(run.state["servedFingerprintSha256"]).toBe(fingerprint(second));
  }, 90_000);

  it("makes the service read files that are there, when it still serves others of this name", async () => {
    const first = await site.issue();
    await run.up(args(first));
    await site.open();
    const second = await site.issue();
    // Brought, but not looked at, and not reloaded.
    await run.up(args(second, { reload: "true", verify: false }));
    await expect.poll(() => site.served()).toBe(fingerprint(first));
    await run.up(args(second));
    await expect.poll(() => site.served()).toBe(fingerprint(second));
  });
});
