/** What goes wrong outside, on the real engine: what is said, what is left behind, and that the next `up` repairs it. */
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fingerprintOf, startSite, type Site } from "../hosts/deploy-site";
import { startPebble, type Pebble } from "../support/pebble";
import { freePort } from "../support/ports";
import { createStack, type PulumiResult, type Stack } from "../support/pulumi";
import { generateSshKey } from "../support/ssh-keys";
import { startSshd, type Sshd } from "../support/sshd";
import { cannotMakeUsers, createSystemUser, type SystemUser } from "../support/system-user";
import { temporaryDirectory, type TemporaryDirectory } from "../support/temp";
import { describeUnless } from "../support/tools";

/** The error on a resource's row. */
function errorOf(result: PulumiResult, name: string): string {
  const found = result.diagnostics.filter(
    ({ severity, urn }) => severity === "error" && urn.endsWith(`::${name}`),
  );
  return found.map(({ message }) => message).join("\n");
}

/** What `result` did to each of our resources, the stack itself left out. */
function deeds(result: PulumiResult): Record<string, string> {
  const own = result.steps.filter(({ type }) => type.includes(":dynamic/acme:"));
  return Object.fromEntries(own.map(({ name, op, failed }) => [name, failed ? "failed" : op]));
}

/** All resources are tried, whatever becomes of the others. */
const EACH = { skipPreview: true, expectFailure: true, args: ["--continue-on-error"] };

async function serveHttp(answer: (path: string) => [number, string, string]): Promise<Server> {
  const server = createHttpServer((request, response) => {
    const [status, type, body] = answer(request.url ?? "/");
    response.writeHead(status, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

describe("a CA that is none, or does not want us", () => {
  let pebble: Pebble;
  let web: Server;
  let stack: Stack;

  beforeAll(async () => {
    pebble = await startPebble();
    web = await serveHttp((path) =>
      path.startsWith("/html")
        ? [200, "text/html", "<html><title>It works!</title></html>"]
        : [404, "text/plain", "no such page"],
    );
  });
  afterAll(async () => {
    await stack.stop();
    await close(web);
    await pebble.stop();
  });

  it("is told apart: HTML, 404, nobody there, TLS that nobody vouches for, terms not agreed to", async () => {
    const base = `http://127.0.0.1:${String(portOf(web))}`;
    const { directoryUrl, caBundlePem } = pebble;
    const refused = `https://127.0.0.1:${String(await freePort())}/dir`;
    const accounts = {
      html: { directoryUrl: `${base}/html`, termsOfServiceAgreed: true },
      missing: { directoryUrl: `${base}/dir`, termsOfServiceAgreed: true },
      refused: { directoryUrl: refused, termsOfServiceAgreed: true },
      untrusted: { directoryUrl, termsOfServiceAgreed: true },
      terms: { directoryUrl, caBundlePem },
    };
    stack = await createStack(`
      import * as acme from "pulumi-acme";
      for (const [name, args] of Object.entries(${JSON.stringify(accounts)})) new acme.AcmeAccount(name, args);
    `);
    const up = await stack.up(EACH);
    expect(errorOf(up, "html")).toMatch(/\/html is not an ACME directory: .*text\/html/);
    expect(errorOf(up, "missing")).toMatch(/\/dir is not an ACME directory: it answered HTTP 404/);
    expect(errorOf(up, "refused")).toMatch(
      new RegExp(`${new URL(refused).host} refuses the connection; check the directory URL`),
    );
    expect(errorOf(up, "untrusted")).toMatch(
      /the TLS certificate of 127\.0\.0\.1:\d+ is not trusted .*give the roots of a private CA as caBundlePem/,
    );
    // Pebble's terms are at this URL.
    expect(errorOf(up, "terms")).toMatch(
      /terms of service: read data:text\/plain,\S+ and set termsOfServiceAgreed to true/,
    );
    expect(pebble.requests().filter(({ method }) => method === "POST")).toEqual([]);
    const { resources } = await stack.exportState();
    expect(resources.filter(({ type }) => type.endsWith(":AcmeAccount"))).toEqual([]);
  });
});

describe("names that cannot be proven", () => {
  let pebble: Pebble;
  let web: Server;
  let webroot: TemporaryDirectory;
  let stack: Stack;

  beforeAll(async () => {
    webroot = await temporaryDirectory("webroot-");
    // A web server that knows nothing of the challenge.
    web = await serveHttp(() => [404, "text/plain", "no such page"]);
    pebble = await startPebble({ httpPort: portOf(web), blocklist: ["blocked.example"] });
  });
  afterAll(async () => {
    await stack.stop();
    await close(web);
    await webroot.remove();
    await pebble.stop();
  });

  function program(): string {
    const { directoryUrl, caBundlePem, httpPort, dns } = pebble;
    const ca = { directoryUrl, caBundlePem, termsOfServiceAgreed: true };
    const preflight = { httpPort, resolvers: [dns.dnsAddress] };
    const solvers = [{ http01: { webroot: { path: webroot.path } } }];
    return `
      import * as acme from "pulumi-acme";
      const account = new acme.AcmeAccount("ca", ${JSON.stringify(ca)});
      const certificate = (name, args) => new acme.AcmeCertificate(name, {
        account, preflight: ${JSON.stringify(preflight)}, solvers: ${JSON.stringify(solvers)}, ...args,
      });
      certificate("refused", { dnsNames: ["good.example", "www.blocked.example", "other.example"] });
      certificate("elsewhere", { dnsNames: ["elsewhere.example", "www.elsewhere.example"] });
      certificate("closed", {
        dnsNames: ["closed.example"],
        preflight: { ...${JSON.stringify(preflight)}, httpPort: ${String(closedPort)} },
      });
      certificate("nowhere", {
        dnsNames: ["nowhere.example"],
        solvers: [{ http01: { webroot: { path: "${webroot.path}/nowhere/to/be/found" } } }],
      });
    `;
  }
  let closedPort: number;

  it("are named with the CA's words or with what preflight saw, and cost no attempt at the CA", async () => {
    closedPort = await freePort();
    stack = await createStack(program());
    const up = await stack.up(EACH);
    expect(deeds(up)).toMatchObject({ ca: "create", refused: "failed", elsewhere: "failed" });

    const refused = errorOf(up, "refused");
    expect(refused).toMatch(/order for good\.example, .*rejectedIdentifier/);
    // Pebble's own words.
    expect(refused).toContain("www.blocked.example is a forbidden domain");

    const elsewhere = errorOf(up, "elsewhere");
    for (const name of ["elsewhere.example", "www.elsewhere.example"]) {
      expect(elsewhere).toContain(`http-01 for ${name}: http://${name}:`);
    }
    expect(elsewhere).toMatch(
      /answered 404: the web server there does not serve the challenge; check where the name points, and the solver's path/,
    );
    expect(elsewhere).toContain("the CA was not asked");

    expect(errorOf(up, "closed")).toMatch(/http-01 for closed\.example: .*refuse/);
    expect(errorOf(up, "nowhere")).toMatch(/nowhere\.example.*\/nowhere\/to\/be\/found/);

    const asked = pebble.requests().filter(({ path }) => path.startsWith("/chalZ/"));
    expect(asked).toEqual([]);
    // Every challenge file is gone again; the folder for them may stay.
    const left = await readdir(webroot.path, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
    // Orders and keys that are kept for the next run are secret.
    expect((await stack.exportState()).text).not.toContain("PRIVATE KEY");
  });

  it("are proven by the next up once the web server serves the challenge, with the orders that were there", async () => {
    web.removeAllListeners("request");
    web.on("request", (request, response) => {
      readFile(join(webroot.path, request.url ?? "")).then(
        (body) => response.end(body),
        () => response.writeHead(404).end(),
      );
    });
    const orders = (): number =>
      pebble.requests().filter(({ path }) => path === "/order-plz").length;
    const before = orders();
    const up = await stack.up(EACH);
    expect(deeds(up)).toMatchObject({ elsewhere: "update", refused: "failed" });
    // That of the names that the CA refuses; the others have theirs already.
    expect(orders() - before).toBe(1);
  });
});

/** A host on the way to which a connection is cut after some bytes. */
interface Way {
  readonly port: number;
  /** Cuts the next connection when so many bytes have gone to the host. */
  cutAfter(bytes: number): void;
  /** Cuts every connection now. */
  cut(): void;
  cuts(): number;
  stop(): Promise<void>;
}

async function startWay(target: number): Promise<Way> {
  let limit = Number.POSITIVE_INFINITY;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const cut = (): void => {
    limit = Number.POSITIVE_INFINITY;
    cuts++;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const server = createTcpServer((near) => {
    const far = connect(target, "127.0.0.1");
    const pairs: [Socket, Socket][] = [
      [near, far],
      [far, near],
    ];
    for (const [one, other] of pairs) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    far.pipe(near);
    let sent = 0;
    near.on("data", (chunk) => {
      far.write(chunk);
      sent += chunk.length;
      if (sent >= limit) cut();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(server),
    cutAfter: (bytes) => {
      limit = bytes;
    },
    cut,
    cuts: () => cuts,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

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
    expect(errorOf(up, "nosudo")).toMatch(new RegExp(`${at}.*sudo.*${user.name}`));
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
