/** What a CA or a web server does wrong, on the real engine: what is said, what is left behind, and that the next `up` repairs it. */
import { readdir, readFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startPebble, type Pebble } from "../support/ca/pebble";
import { freePort } from "../support/process/ports";
import { createStack, type Stack } from "../support/engine/pulumi";
import { deeds, EACH, errorOf } from "../support/engine/pulumi-outcome";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";

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
