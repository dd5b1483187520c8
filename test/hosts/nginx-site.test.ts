/** `NginxSite` on a real nginx: written, tested, switched, reloaded, rolled back, found changed, removed. */
import { execFileSync } from "node:child_process";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Properties } from "../../sdk/provider/engine/handler";
import { marker } from "../../sdk/provider/config-file/first-line";
import { nginxSiteHandler } from "../../sdk/provider/nginx-site";
import { renderNginxSite } from "../../sdk/nginx";
import { resourceRun, type ResourceRun } from "../support/engine/handler-run";
import { startNginx, type Nginx } from "../support/nginx/nginx";
import { startSshd } from "../support/ssh/sshd";
import { describeWithTools } from "../support/process/tools";
import { THUMBPRINT } from "../support/nginx/sites";
import { nginxBinaries } from "../support/nginx/nginx-check";

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

/** A plain request for `name`, whatever the address that answers it. */
function get(port: number, name: string, path = "/"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, headers: { host: name }, agent: false };
    request(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body, location: response.headers.location });
      });
    })
      .on("error", reject)
      .end();
  });
}

/** A site that says `words`, at the ports of `nginx`. */
function siteOf(nginx: Nginx, words: string, more: object = {}): Properties {
  return {
    connection: "local",
    serverNames: ["example.test"],
    listen: { http: nginx.httpPort, https: nginx.httpsPort, address: "127.0.0.1" },
    locations: [{ path: "/", return: `200 ${words}` }],
    configFile: join(nginx.configDirectory, "example.test.conf"),
    test: nginx.test,
    reload: nginx.reload,
    __urn: "urn:pulumi:test::site::pulumi-nodejs:dynamic/acme:NginxSite::example",
    ...more,
  };
}

/** A site as the first `up` leaves it. */
async function created(news: Properties): Promise<ResourceRun> {
  const site = resourceRun(nginxSiteHandler);
  await site.up(news);
  return site;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The new workers serve a moment after the reload has been answered. */
const soon = { timeout: 5000, interval: 20 };

for (const [title, binary] of Object.entries(nginxBinaries)) {
  describe(`a site on the nginx ${title}`, () => {
    let nginx: Nginx;
    beforeEach(async () => {
      nginx = await startNginx({ binary });
    });
    afterEach(() => nginx.stop());

    const says = (words: string, name = "example.test") =>
      expect.poll(async () => (await get(nginx.httpPort, name)).body, soon).toBe(words);

    it("is created, changed, and removed", async () => {
      const site = await created(siteOf(nginx, "one"));
      await says("one");
      const { config, configFile, sha256 } = site.state;
      const { nginxVersion } = site.state["__state"] as { nginxVersion: string };
      const file = await readFile(text(configFile), "utf8");
      expect(file.split("\n", 1)[0]).toContain("pulumi-acme");
      expect(file.slice(file.indexOf("\n") + 1)).toBe(config);
      expect(nginxVersion).toBe(nginx.version);
      expect(await site.up(siteOf(nginx, "one"))).toBe("unchanged");

      expect(await site.up(siteOf(nginx, "two"))).toBe("updated");
      await says("two");
      expect(site.state["sha256"]).not.toBe(sha256);

      await site.destroy();
      expect(await readdir(nginx.configDirectory)).toEqual([]);
      await expect
        .poll(() => get(nginx.httpPort, "example.test").catch(() => "gone"), soon)
        .toBe("gone");
    });

    it("is the text of renderNginxSite for the version that runs there", async () => {
      const { config } = (await created(siteOf(nginx, "one"))).state;
      const { httpPort: http, httpsPort: https, version: nginxVersion } = nginx;
      expect(config).toBe(
        renderNginxSite({
          serverNames: ["example.test"],
          listen: { http, https, address: "127.0.0.1" },
          locations: [{ path: "/", return: "200 one" }],
          nginxVersion,
        }),
      );
    });

    it("that nginx does not take is put back, and the old one goes on serving", async () => {
      const site = await created(siteOf(nginx, "one"));
      await says("one");
      const file = text(site.state["configFile"]);
      const before = await readFile(file);
      const bad = siteOf(nginx, "two", { extraConfig: "no_such_directive on;" });
      await expect(site.up(bad)).rejects.toThrow(/unknown directive "no_such_directive"/);
      expect(await readFile(file)).toEqual(before);
      expect((await get(nginx.httpPort, "example.test")).body).toBe("one");
      // Nothing is left that would be read at the next start.
      execFileSync("sh", ["-c", nginx.test], { stdio: "ignore" });
      expect(
        (await readdir(nginx.configDirectory)).filter((name) => !name.startsWith(".")),
      ).toEqual(["example.test.conf"]);
    });

    it("that nginx does not take at its creation leaves nothing behind", async () => {
      const bad = siteOf(nginx, "one", { extraConfig: "no_such_directive on;" });
      await expect(created(bad)).rejects.toThrow(/unknown directive/);
      expect(await readdir(nginx.configDirectory)).toEqual([]);
    });

    it("with tls whose certificate is not there yet fails with nginx's own words", async () => {
      const site = await created(siteOf(nginx, "one"));
      const certificate = join(nginx.prefix, "missing.pem");
      const early = siteOf(nginx, "two", { tls: { certificate, certificateKey: certificate } });
      await expect(site.up(early)).rejects.toThrow(/cannot load certificate ".*missing\.pem"/);
      await says("one");
    });

    it("does not overwrite a file that somebody else wrote", async () => {
      const file = join(nginx.configDirectory, "example.test.conf");
      await writeFile(file, "# mine\n");
      await expect(created(siteOf(nginx, "one"))).rejects.toThrow(/not written by pulumi-acme/);
      expect(await readFile(file, "utf8")).toBe("# mine\n");
    });

    it("does not overwrite another resource's file", async () => {
      await created(siteOf(nginx, "one"));
      const other = siteOf(nginx, "two", { __urn: "urn:pulumi:other" });
      await expect(created(other)).rejects.toThrow(
        /belongs to another resource \(urn:pulumi:test::/,
      );
      await says("one");
    });

    it("takes over what a killed creation of the same resource left behind", async () => {
      await created(siteOf(nginx, "one"));
      await created(siteOf(nginx, "two"));
      await says("two");
    });

    it("does not remove a file that has become another's", async () => {
      const first = await created(siteOf(nginx, "one"));
      await created(siteOf(nginx, "two"));
      // The normal course of a replacement.
      await first.destroy();
      expect(first.warnings()).toEqual([]);
      await says("two");
    });

    it("warns of a file that somebody else put in the place of its own, and leaves it", async () => {
      const site = await created(siteOf(nginx, "one"));
      const file = join(nginx.configDirectory, "example.test.conf");
      await writeFile(file, "# mine\n");
      await site.destroy();
      expect(site.warnings().join()).toContain("left as it is");
      expect(await readFile(file, "utf8")).toBe("# mine\n");
    });

    it("under a new name, or another parent, takes over its own file (pulumi/pulumi#9894)", async () => {
      const stack = "urn:pulumi:renamed::site::";
      const type = "pulumi-nodejs:dynamic/acme:NginxSite";
      const file = join(nginx.configDirectory, "example.test.conf");
      // As another `up` left it: this one has not come to that resource, and never will.
      await writeFile(file, `${marker({ token: "t", urn: `${stack}${type}::${title}` })}\n`);
      for (const [__urn, former] of [
        [`${stack}${type}::new ${title}`, new RegExp(`taken over from ${stack}.*\`aliases\``)],
        [`${stack}my:index:Web$${type}::new ${title}`, undefined],
      ] as const) {
        const site = resourceRun(nginxSiteHandler);
        const up = site.up(siteOf(nginx, "words", { __urn }));
        if (former === undefined) {
          // That one is there.
          await expect(up).rejects.toThrow(/belongs to another resource/);
        } else {
          await up;
          await says("words");
          expect(site.warnings().join("\n")).toMatch(former);
        }
      }
    });

    it("lies beside other sites, each under its own name", async () => {
      const sites = ["a.test", "b.test", "c.test"].map((name) =>
        siteOf(nginx, name, {
          serverNames: [name],
          configFile: join(nginx.configDirectory, `${name}.conf`),
          __urn: `urn:pulumi:${name}`,
        }),
      );
      await Promise.all(sites.map(created));
      for (const name of ["a.test", "b.test", "c.test"]) await says(name, name);
    });

    it("is not dragged down by another one that is wrong at the same moment", async () => {
      const at = (name: string, more: object = {}): Properties =>
        siteOf(nginx, name, {
          serverNames: [name],
          configFile: join(nginx.configDirectory, `${name}.conf`),
          __urn: `urn:pulumi:${name}`,
          ...more,
        });
      const results = await Promise.allSettled([
        created(at("a.test")),
        created(at("bad.test", { extraConfig: "no_such_directive on;" })),
        created(at("b.test")),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      for (const name of ["a.test", "b.test"]) await says(name, name);
    });

    it("sees at a refresh what was changed on the host, and repairs it", async () => {
      const news = siteOf(nginx, "one");
      const site = await created(news);
      await site.refresh();
      expect(await site.up(news)).toBe("unchanged");

      const file = text(site.state["configFile"]);
      const whole = await readFile(file, "utf8");
      await writeFile(file, whole.replace("200 one", "200 hacked"));
      await site.refresh();
      expect(site.state["__state"]).toHaveProperty(
        "drift.0",
        expect.stringContaining("was changed on the host"),
      );
      expect(await site.up(news)).toBe("updated");
      expect(site.state["__state"]).not.toHaveProperty("drift");
      expect(await readFile(file, "utf8")).toBe(whole);

      await rm(file);
      await site.refresh();
      expect(site.state["__state"]).toHaveProperty("drift.0", expect.stringContaining("is gone"));
      expect(await site.up(news)).toBe("updated");
      expect(await readFile(file, "utf8")).toBe(whole);

      await writeFile(file, "# mine\n");
      await site.refresh();
      expect(site.state["__state"]).toHaveProperty(
        "drift.0",
        expect.stringContaining("was replaced by another file"),
      );
      await expect(site.up(news)).rejects.toThrow(/not written by pulumi-acme/);
      expect(await readFile(file, "utf8")).toBe("# mine\n");
    });

    it("is removed even when its file was edited", async () => {
      const site = await created(siteOf(nginx, "one"));
      const file = text(site.state["configFile"]);
      await writeFile(file, `${await readFile(file, "utf8")}# edited\n`);
      await site.destroy();
      expect(await readdir(nginx.configDirectory)).toEqual([]);
    });

    it("is removed even when nginx is broken for another reason", async () => {
      const site = await created(siteOf(nginx, "one"));
      await writeFile(join(nginx.configDirectory, "broken.conf"), "no_such_directive;\n");
      await site.destroy();
      expect(site.warnings().join()).toContain("nginx was not reloaded");
      expect(await readdir(nginx.configDirectory)).toEqual(["broken.conf"]);
    });

    it("says when nginx does not read the file", async () => {
      const elsewhere = siteOf(nginx, "one", { configFile: join(nginx.prefix, "elsewhere.conf") });
      expect((await created(elsewhere)).warnings().join()).toContain("nginx does not read");
      expect((await created(siteOf(nginx, "one"))).warnings()).toEqual([]);
    });

    it("takes over another reload command without touching the host", async () => {
      const site = await created(siteOf(nginx, "one"));
      const { sha256 } = site.state;
      expect(await site.up(siteOf(nginx, "one", { reload: "exit 1" }))).toBe("updated");
      expect(site.state).toMatchObject({ sha256, __arguments: { reload: "exit 1" } });
    });

    it("is tested and reloaded again for a trigger", async () => {
      const log = join(nginx.prefix, "ran");
      const commands = {
        test: `echo test >>'${log}'; ${nginx.test}`,
        reload: `echo reload >>'${log}'; ${nginx.reload}`,
      };
      const site = await created(siteOf(nginx, "one", commands));
      expect(await site.up(siteOf(nginx, "one", { ...commands, triggers: [1] }))).toBe("updated");
      expect(await readFile(log, "utf8")).toBe("test\nreload\ntest\nreload\n");
    });

    it("moves to another file by being replaced", async () => {
      const site = await created(siteOf(nginx, "one"));
      const configFile = join(nginx.configDirectory, "other.conf");
      expect(await site.up(siteOf(nginx, "one", { configFile }))).toBe("to be replaced");
    });

    it("says exactly what it was told to say, whatever that is", async () => {
      const characters = fc.constantFrom(...Array.from("\\\\\\\"\"'';{}# atrnü/€😀"));
      const words = fc
        .string({ unit: characters, minLength: 1, maxLength: 20 })
        // Quotes round the whole, and spaces at the ends, are nginx's syntax and no part of the text.
        .map((value) => `<${value}>`);
      const texts = fc.sample(words, 200);
      await created(
        siteOf(nginx, "", {
          locations: texts.map((value, index) => ({
            path: `= /${String(index)}`,
            return: `200 ${value}`,
          })),
        }),
      );
      await expect
        .poll(async () => (await get(nginx.httpPort, "example.test", "/0")).body, soon)
        .toBe(texts[0]);
      for (const [index, value] of texts.entries()) {
        const { body } = await get(nginx.httpPort, "example.test", `/${String(index)}`);
        expect(body).toBe(value);
      }
    });

    it("answers challenges by itself, from the thumbprint, and redirects the rest", async () => {
      await created(
        siteOf(nginx, "", {
          locations: undefined,
          challenge: { thumbprint: THUMBPRINT },
          redirectToHttps: true,
        }),
      );
      const at = (path: string) => get(nginx.httpPort, "example.test", path);
      await expect
        .poll(async () => (await at("/.well-known/acme-challenge/to-k_en9")).body, soon)
        .toBe(`to-k_en9.${THUMBPRINT}`);
      expect((await at("/.well-known/acme-challenge/to.ken")).status).toBe(404);
      expect((await at("/.well-known/acme-challenge/a/b")).status).toBe(404);
      expect(await at("/path?query=1")).toMatchObject({
        status: 301,
        location: `https://example.test:${String(nginx.httpsPort)}/path?query=1`,
      });
    });

    it("answers challenges from a webroot, although the site asks for a password", async () => {
      const webroot = join(nginx.prefix, "html");
      execFileSync("mkdir", ["-p", join(webroot, ".well-known/acme-challenge")]);
      await writeFile(join(webroot, ".well-known/acme-challenge/token"), "token.thumbprint");
      const site = siteOf(nginx, "secret", {
        challenge: { webroot },
        locations: [],
        root: webroot,
        extraConfig: `auth_basic "closed";\nauth_basic_user_file ${nginx.prefix}/users;\nlocation ~ /\\. { deny all; }`,
      });
      await created(site);
      await expect
        .poll(() => get(nginx.httpPort, "example.test", "/.well-known/acme-challenge/token"), soon)
        .toMatchObject({ status: 200, body: "token.thumbprint" });
      expect((await get(nginx.httpPort, "example.test", "/x")).status).toBe(401);
    });

    it.each([
      "return 301 https://www.example.test$request_uri;",
      "rewrite ^ https://www.example.test$request_uri permanent;",
      "rewrite ^/(.*)$ /elsewhere/$1 last;",
      "if ($host = example.test) { return 301 https://www.example.test$request_uri; }",
      'set $to https://www.example.test; if ($host != x) { set $to "$to$request_uri"; }\nreturn 301 $to;',
      "rewrite ^/old/(.*)$ /new/$1; return 410;",
      "include REDIRECT;",
      "break; return 404;",
    ])(
      "answers challenges in spite of what comes before all locations: %s",
      async (extraConfig) => {
        const webroot = join(nginx.prefix, "html");
        const token = ".well-known/acme-challenge/token";
        execFileSync("mkdir", ["-p", join(webroot, ".well-known/acme-challenge")]);
        await writeFile(join(webroot, token), `token.${THUMBPRINT}`);
        const redirect = join(nginx.prefix, "redirect");
        await writeFile(redirect, "return 301 https://www.example.test$request_uri;\n");
        const behind = createServer((_request, response) => {
          response.end(`token.${THUMBPRINT}`);
        });
        await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
        const { port } = behind.address() as AddressInfo;
        try {
          const extra = extraConfig.replace("REDIRECT", redirect);
          const kinds = {
            "stateless.test": { thumbprint: THUMBPRINT },
            "webroot.test": { webroot },
            "proxied.test": { proxyPass: `http://127.0.0.1:${String(port)}` },
          };
          for (const [name, challenge] of Object.entries(kinds)) {
            const configFile = join(nginx.configDirectory, `${name}.conf`);
            const more = { serverNames: [name], configFile, __urn: `urn:pulumi:${name}` };
            // What the user wrote goes on being done, for every other path.
            await created(
              siteOf(nginx, name, { ...more, locations: undefined, extraConfig: extra }),
            );
            const at = (path: string) => get(nginx.httpPort, name, path);
            await expect.poll(() => at("/old/path?a=b"), soon).not.toMatchObject({ body: "" });
            const before = await at("/old/path?a=b");
            await created(
              siteOf(nginx, name, { ...more, locations: undefined, extraConfig: extra, challenge }),
            );
            await expect
              .poll(async () => (await at(`/${token}`)).body, soon)
              .toBe(`token.${THUMBPRINT}`);
            expect(await at("/old/path?a=b")).toEqual(before);
          }
        } finally {
          behind.close();
        }
      },
    );

    describe("with a certificate", () => {
      const tlsOf = (): object => {
        const certificate = join(nginx.prefix, "certificate.pem");
        const certificateKey = join(nginx.prefix, "key.pem");
        const request = ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=example.test"];
        const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
        const files = ["-keyout", certificateKey, "-out", certificate];
        execFileSync("openssl", [...request, ...key, ...files], { stdio: "ignore" });
        return { certificate, certificateKey, hsts: true };
      };

      it("serves HTTP/2 and sends strict transport security", async () => {
        await created(siteOf(nginx, "secure", { tls: tlsOf() }));
        await expect
          .poll(() => overHttp2(nginx.httpsPort), soon)
          .toEqual({ status: 200, hsts: "max-age=31536000", body: "secure" });
      });

      it("serves HTTP/1.1 alone where HTTP/2 is not wanted", async () => {
        const { httpPort: http, httpsPort: https } = nginx;
        const listen = { http, https, address: "127.0.0.1", http2: false };
        await created(siteOf(nginx, "secure", { tls: tlsOf(), listen }));
        await expect.poll(() => negotiated(https), soon).toBe("http/1.1");
      });

      it("is the second of the usual pair: challenge site before, TLS site after", async () => {
        const { httpPort: http, httpsPort: https } = nginx;
        await created(
          siteOf(nginx, "", {
            locations: undefined,
            challenge: { thumbprint: THUMBPRINT },
            redirectToHttps: true,
          }),
        );
        await created(
          siteOf(nginx, "secure", {
            tls: tlsOf(),
            listen: { http: false, https, address: "127.0.0.1" },
            configFile: join(nginx.configDirectory, "example.test.tls.conf"),
            __urn: "urn:pulumi:second",
          }),
        );
        await expect.poll(() => overHttp2(https), soon).toMatchObject({ body: "secure" });
        const challenge = await get(http, "example.test", "/.well-known/acme-challenge/abc");
        expect(challenge.body).toBe(`abc.${THUMBPRINT}`);
        expect((await get(http, "example.test")).status).toBe(301);
      });
    });
  });
}

describeWithTools(["nginx", "sshd", "ssh-keygen"], "a site on a host behind SSH", () => {
  it("is created, refreshed, and removed there", async () => {
    const [nginx, sshd] = await Promise.all([startNginx(), startSshd()]);
    try {
      const { connection } = sshd;
      const news = siteOf(nginx, "one", { connection });
      const site = await created(news);
      await expect
        .poll(async () => (await get(nginx.httpPort, "example.test")).body, soon)
        .toBe("one");
      const bad = siteOf(nginx, "two", { connection, extraConfig: "no_such_directive on;" });
      await expect(site.up(bad)).rejects.toThrow(/127\.0\.0\.1.*unknown directive/);
      await site.refresh();
      expect(site.state["__state"]).not.toHaveProperty("drift");

      await sshd.cut();
      await site.refresh();
      expect(site.warnings().join()).toContain("the site was not refreshed");
      expect(site.state["__state"]).not.toHaveProperty("drift");
      await sshd.start();
      await site.destroy();
      expect(await readdir(nginx.configDirectory)).toEqual([]);
    } finally {
      await Promise.all([nginx.stop(), sshd.stop()]);
    }
  });
});

/** One request over HTTP/2, which must be what the server chooses. */
function overHttp2(port: number): Promise<{ status: number; hsts: string; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, servername: "example.test" };
    const session = connectHttp2(`https://127.0.0.1:${String(port)}`, options);
    session.on("error", reject);
    const stream = session.request({ ":path": "/", ":authority": "example.test" });
    let body = "";
    let head = { status: 0, hsts: "" };
    stream.on("response", (headers) => {
      head = {
        status: headers[":status"] ?? 0,
        hsts: text(headers["strict-transport-security"]),
      };
    });
    stream.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    stream.on("error", reject);
    stream.on("end", () => {
      session.close();
      resolve({ ...head, body });
    });
  });
}

function negotiated(port: number): Promise<string | false | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      {
        host: "127.0.0.1",
        port,
        servername: "example.test",
        rejectUnauthorized: false,
        ALPNProtocols: ["h2", "http/1.1"],
      },
      () => {
        resolve(socket.alpnProtocol);
        socket.destroy();
      },
    );
    socket.on("error", reject);
  });
}
