/** Where distributions keep their sites, and what an `NginxSite` of each kind serves there. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Properties } from "../../sdk/provider/engine/handler";
import { nginxSiteHandler } from "../../sdk/provider/nginx-site";
import { createAuthority } from "../support/ca/certificate-authority";
import { resourceRun, type ResourceRun } from "../support/engine/handler-run";
import { startNginx, type Nginx } from "../support/nginx/nginx";
import { streamModule } from "../support/nginx/nginx-check";
import { closeServer } from "../support/process/ports";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { toolPath } from "../support/process/tool-paths";
import { describeWithTools } from "../support/process/tools";
import { cuttable } from "../support/ssh/cuttable-host";
import { startSshd } from "../support/ssh/sshd";

let folder: TemporaryDirectory;
let nginx: Nginx;
let http: string;
const soon = { timeout: 5000, interval: 20 };

async function start(options: { http?: string; main?: string }): Promise<void> {
  folder = await temporaryDirectory("places-");
  for (const name of ["sites-available", "sites-enabled", "http.d", "stream.d"])
    await mkdir(join(folder.path, name));
  http = folder.path;
  nginx = await startNginx({
    config: options.http?.replaceAll("DIR", http),
    main: options.main?.replaceAll("DIR", http),
  });
}
afterEach(async () => {
  await nginx.stop();
  await folder.remove();
});

function siteOf(configFile: string, more: object = {}): Properties {
  return {
    connection: "local",
    serverNames: ["example.test"],
    listen: { http: nginx.httpPort, https: nginx.httpsPort, address: "127.0.0.1" },
    locations: [{ path: "/", return: "200 one" }],
    configFile: join(folder.path, configFile),
    test: nginx.test,
    reload: nginx.reload,
    __urn: "urn:pulumi:test::site::pulumi-nodejs:dynamic/acme:NginxSite::example",
    ...more,
  };
}
async function created(news: Properties): Promise<ResourceRun> {
  const site = resourceRun(nginxSiteHandler);
  await site.up(news);
  return site;
}
const says = (words: string) =>
  expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${String(nginx.httpPort)}/`)
          .then((answer) => answer.text())
          .catch(() => "nothing"),
      soon,
    )
    .toBe(words);

describe("a site in sites-available", () => {
  beforeEach(() => start({ http: "include DIR/sites-enabled/*;" }));
  const site = (more: object = {}) => siteOf("sites-available/example", more);
  const enabled = (): Promise<string[]> => readdir(join(folder.path, "sites-enabled"));

  it("gets its link, is changed through it, and takes it along", async () => {
    const run = await created(site());
    await says("one");
    expect(run.warnings()).toEqual([]);
    const link = join(folder.path, "sites-enabled/example");
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(link, "utf8")).toContain("200 one");

    await run.up(site({ locations: [{ path: "/", return: "200 two" }] }));
    await says("two");
    await rm(link);
    await run.refresh();
    expect(run.state["__state"]).toHaveProperty(
      "drift.0",
      `nginx does not read it: ${link} is gone`,
    );
    await run.up(site({ locations: [{ path: "/", return: "200 two" }] }));
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    await run.refresh();
    expect(run.state["__state"]).not.toHaveProperty("drift");

    const bad = site({ extraConfig: "no_such_directive;" });
    await expect(run.up(bad)).rejects.toThrow(/unknown directive/);
    await says("two");
    expect(run.warnings()).toEqual([]);

    await run.destroy();
    await says("nothing");
    expect(await enabled()).toEqual([]);
    expect(await readdir(join(folder.path, "sites-available"))).toEqual([]);
  });

  it("that nginx does not take leaves neither link nor file", async () => {
    await expect(created(site({ extraConfig: "no_such_directive;" }))).rejects.toThrow(
      /link .*sites-enabled\/example: nginx does not take the site: .*unknown directive/,
    );
    expect(await enabled()).toEqual([]);
    expect(await readdir(join(folder.path, "sites-available"))).toEqual([]);
    execFileSync("sh", ["-c", nginx.test], { stdio: "ignore" });
  });

  it("gets its link also where its commands end with a comment", async () => {
    const [test, reload] = [`${nginx.test} # as root`, `${nginx.reload} # all of them`];
    await created(site({ test, reload }));
    await says("one");
    expect(await enabled()).toEqual(["example"]);
  });

  it("tells why nginx does not take it also where its file cannot be removed any more", async () => {
    const link = join(folder.path, "sites-enabled/example");
    const list = join(folder.path, "sites-available/.pulumi-acme");
    const test = `[ ! -L ${link} ] || { rm ${list}; mkdir ${list}; echo 'no such nginx'; false; }`;
    await expect(created(site({ test }))).rejects.toThrow(/nginx does not take the site: no such/);
  });

  it("is removed again where the look at nginx is interrupted", async () => {
    const link = join(folder.path, "sites-enabled/example");
    const run = resourceRun(nginxSiteHandler);
    const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
    const attempt = run.up(site({ test: `[ ! -L ${link} ] || { sleep 60 & wait; }` }));
    const refused = expect(attempt).rejects.toThrow(/interrupted/);
    await expect.poll(enabled, soon).toEqual(["example"]);
    process.emit("SIGINT");
    await refused;
    await vi.waitFor(() => {
      expect(exit).toHaveBeenCalled();
    });
    exit.mockRestore();
    expect(await enabled()).toEqual([]);
    expect(await readdir(join(folder.path, "sites-available"))).toEqual([]);
  });

  it("leaves alone what has its link's name, and a link that is there", async () => {
    const link = join(folder.path, "sites-enabled/example");
    await writeFile(link, "# mine\n");
    await expect(created(site())).rejects.toThrow(/something else is there; remove it/);
    expect(await readFile(link, "utf8")).toBe("# mine\n");
    expect(await readdir(join(folder.path, "sites-available"))).toEqual([]);

    const other = siteOf("sites-available/other");
    await symlink(String(other["configFile"]), join(folder.path, "sites-enabled/000-other"));
    expect((await created(other)).warnings()).toEqual([]);
    expect(await enabled()).toEqual(["000-other", "example"]);
  });
});

describeWithTools(
  ["sshd", "ssh-keygen"],
  "a site whose connection is cut after it was written",
  () => {
    it("is remembered, so that a destroy removes it", async () => {
      await start({ http: "include DIR/sites-enabled/*;" });
      const sshd = await startSshd();
      const way = await cuttable(sshd.port);
      try {
        const [link, begun] = ["sites-enabled/example", "begun"].map((name) =>
          join(folder.path, name),
        );
        const test = `[ ! -L ${String(link)} ] || { touch ${String(begun)}; sleep 1; }`;
        const connection = { ...sshd.connection, port: way.port, dialErrorLimit: 0 };
        const run = resourceRun(nginxSiteHandler);
        const attempt = run.up(siteOf("sites-available/example", { connection, test }));
        const lost = expect(attempt).rejects.toThrow(/the connection was cut/);
        await expect.poll(() => existsSync(String(begun)), soon).toBe(true);
        way.cut();
        await lost;
        expect(await readdir(join(folder.path, "sites-available"))).toContain("example");
        await run.destroy();
        for (const name of ["sites-available", "sites-enabled"])
          expect(await readdir(join(folder.path, name))).toEqual([]);
      } finally {
        await way.close();
        await sshd.stop();
      }
    });
  },
);

describe("a site where nginx does not look for sites", () => {
  it("is told the folders that it reads", async () => {
    await start({ http: "include DIR/http.d/*.conf; include DIR/sites-enabled/*;" });
    const run = await created(siteOf("elsewhere.conf"));
    const places = `in its http block nginx reads ${http}/http.d/*.conf, ${http}/sites-enabled/*, `;
    expect(run.warnings().join()).toContain(places);
  });

  it("is told so by words, too, where nginx reads the folder outside of http, as Alpine's conf.d", async () => {
    await start({ http: "include DIR/http.d/*.conf;", main: "include DIR/*.conf;" });
    await expect(created(siteOf("example.conf"))).rejects.toThrow(
      /"server" directive is not allowed here in .*; in its http block nginx reads .*http\.d\/\*\.conf.*: give this site a configFile there/s,
    );
    expect((await readdir(folder.path)).filter((name) => name.endsWith(".conf"))).toEqual([]);
  });
});

describe("a site of another kind", () => {
  const echo = createServer((socket) => {
    socket.on("error", () => undefined).end("behind\n");
  });
  const listening = async (server: Server): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as { port: number }).port;
  };
  async function pair(): Promise<{ certificate: string; certificateKey: string }> {
    const { certificatePem, privateKeyPem } = await (
      await createAuthority()
    ).issue(["example.test"]);
    const [certificate, certificateKey] = [join(http, "chain.pem"), join(http, "key.pem")];
    await writeFile(certificate, certificatePem);
    await writeFile(certificateKey, privateKeyPem, { mode: 0o600 });
    return { certificate, certificateKey };
  }
  /** What comes over TLS, or the words of the alert. */
  const overTls = (port: number, request = ""): Promise<string> =>
    new Promise((resolve) => {
      const options = { host: "127.0.0.1", port, servername: "example.test" };
      const socket = connectTls({ ...options, rejectUnauthorized: false });
      socket.write(request);
      let said = "";
      socket.setEncoding("utf8").on("data", (text: string) => (said += text));
      socket.on("error", (error: Error) => {
        resolve(error.message);
      });
      socket.on("end", () => {
        resolve(said);
      });
    });

  it("passes a TCP service on within TLS; without the stream block it is told what to write", async () => {
    const main = `${streamModule(toolPath("nginx"))}stream { include DIR/stream.d/*.conf; }`;
    await start({ main });
    const port = await listening(echo);
    try {
      const stream = { port: nginx.httpsPort, proxyPass: `127.0.0.1:${String(port)}` };
      const tls = await pair();
      const args = { stream, tls, locations: undefined, listen: { address: "127.0.0.1" } };
      const run = await created(siteOf("stream.d/imaps.conf", args));
      expect(run.warnings()).toEqual([]);
      await expect.poll(() => overTls(nginx.httpsPort), soon).toBe("behind\n");
      await run.destroy();

      const lost = await created(siteOf("elsewhere.conf", args));
      expect(lost.warnings().join()).toContain(
        `in its stream block nginx reads ${http}/stream.d/*`,
      );
    } finally {
      await closeServer(echo);
    }
  });

  it("lets WebSockets through to a group of servers, and other requests without the upgrade", async () => {
    await start({ http: "include DIR/http.d/*.conf;" });
    const heads: string[] = [];
    const behind = createServer((socket) => {
      socket.setEncoding("utf8").on("error", () => undefined);
      socket.on("data", (head: string) => {
        heads.push(head.toLowerCase());
        const isUpgrade = /^upgrade: websocket\r$/im.test(head);
        socket.end(
          isUpgrade
            ? "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nframe"
            : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain",
        );
      });
    });
    const port = await listening(behind);
    try {
      const servers = [`127.0.0.1:${String(port)}`];
      const upstreams = [{ name: "app", servers, keepalive: 2 }];
      const way = { proxyPass: "http://app", websocket: true, upstreams, locations: undefined };
      const run = await created(siteOf("http.d/app.conf", way));
      expect(run.warnings()).toEqual([]);
      await says("plain");
      heads.length = 0;
      await says("plain");
      expect(heads.join()).not.toMatch(/^(connection|upgrade):/m);
      const upgraded = await new Promise<string>((resolve, reject) => {
        const headers = { connection: "Upgrade", upgrade: "websocket" };
        request({ host: "127.0.0.1", port: nginx.httpPort, headers, agent: false })
          .on("upgrade", (_answer, socket, head) => {
            let said = head.toString();
            socket.on("data", (frame: Buffer) => (said += frame.toString()));
            socket.on("end", () => {
              resolve(said);
            });
          })
          .on("error", reject)
          .end();
      });
      expect(upgraded).toBe("frame");
      expect(heads.at(-1)).toMatch(/^connection: upgrade\r$/m);
    } finally {
      await closeServer(behind);
    }
  });

  it("refuses handshakes, and asks clients for certificates", async () => {
    await start({ http: "include DIR/http.d/*.conf;" });
    const refusing = { rejectHandshake: true, extraConfig: "return 444;", locations: undefined };
    const run = await created(siteOf("http.d/none.conf", { ...refusing, defaultServer: true }));
    await expect.poll(() => overTls(nginx.httpsPort), soon).toMatch(/unrecognized.name/);
    expect(run.warnings()).toEqual([]);
    await run.destroy();

    const pairOf = await pair();
    const tls = { ...pairOf, clientCertificate: { ca: pairOf.certificate } };
    const asking = await created(siteOf("http.d/example.conf", { tls }));
    // The handshake shows the certificate, so the look at what answers is content.
    expect(asking.warnings()).toEqual([]);
    await expect
      .poll(() => overTls(nginx.httpsPort, "GET / HTTP/1.0\r\nHost: example.test\r\n\r\n"), soon)
      .toContain("No required SSL certificate was sent");
  });
});
