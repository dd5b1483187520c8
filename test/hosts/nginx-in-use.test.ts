/** A site that nginx has read, and does not use: `NginxSite` says so, with nginx's own words where it has any. */
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { nginxSiteHandler } from "../../sdk/provider/nginx-site";
import { createAuthority } from "../support/ca/certificate-authority";
import { resourceRun, type ResourceRun } from "../support/engine/handler-run";
import { NAME, servedAt } from "../support/nginx/deploy-site";
import { startNginx, type Nginx } from "../support/nginx/nginx";
import { nginxBinaries } from "../support/nginx/nginx-check";
import { THUMBPRINT } from "../support/nginx/sites";
import { closeServer, isListening, listenOn } from "../support/process/ports";
import { startSshd } from "../support/ssh/sshd";

for (const [title, binary] of Object.entries(nginxBinaries)) {
  describe(`a site on the nginx ${title}`, () => {
    let nginx: Nginx;
    let port: string;
    beforeEach(async () => {
      nginx = await startNginx({ binary });
      port = String(nginx.httpPort);
    });
    afterEach(() => nginx.stop());

    function siteOf(more: object = {}): Properties {
      return {
        connection: "local",
        serverNames: ["example.test"],
        challenge: { thumbprint: THUMBPRINT },
        listen: { http: nginx.httpPort, https: nginx.httpsPort, ipv6: false },
        configFile: join(nginx.configDirectory, "example.conf"),
        test: nginx.test,
        reload: nginx.reload,
        __urn: "urn:pulumi:test::site::pulumi-nodejs:dynamic/acme:NginxSite::example",
        ...more,
      };
    }

    async function created(news: Properties): Promise<{ site: ResourceRun; said: string }> {
      const site = resourceRun(nginxSiteHandler);
      await site.up(news);
      return { site, said: site.warnings().join("\n") };
    }

    /** Another site of this nginx, which is in use. */
    async function lay(text: string, file = "aaa.conf"): Promise<void> {
      await writeFile(join(nginx.configDirectory, file), text);
      execFileSync("sh", ["-c", nginx.reload], { stdio: "ignore" });
      await expect.poll(() => isListening(nginx.httpPort), { timeout: 5000 }).toBe(true);
    }

    async function pair(names: string[]): Promise<{ certificate: string; certificateKey: string }> {
      const { certificatePem, privateKeyPem } = await (await createAuthority()).issue(names);
      const folder = join(nginx.prefix, `ssl-${names.join("-")}`);
      const [certificate, certificateKey] = [join(folder, "chain.pem"), join(folder, "key.pem")];
      await mkdir(folder);
      await writeFile(certificate, certificatePem);
      await writeFile(certificateKey, privateKeyPem);
      return { certificate, certificateKey };
    }

    it("whose name another file has is told of in nginx's words, with what answers (kshcherban/acme-nginx#11)", async () => {
      await lay(`server { listen ${port}; server_name example.test; return 200 "an older site"; }`);
      const { said } = await created(siteOf());
      expect(said).toContain(`nginx warns: conflicting server name "example.test" on 0.0.0.0:`);
      expect(said).toMatch(
        /nginx does not use this site: 127\.0\.0\.1:\d+ answers http:\/\/example\.test\/\.well-known\/acme-challenge\/\w+ with 200 "an older site", not 200 "\w+\.NzbL.*nginx -T/,
      );
    });

    it("whose second name another file has is told of although the first one is answered", async () => {
      await lay(`server { listen ${port}; server_name www.example.test; return 200 "older"; }`);
      const { said } = await created(siteOf({ serverNames: ["example.test", "www.example.test"] }));
      expect(said).toContain(`conflicting server name "www.example.test"`);
      expect(said).not.toContain("nginx does not use this site");
    });

    it("hears nothing of what nginx says of others", async () => {
      await lay(
        `server { listen ${port}; server_name a.test; } server { listen ${port}; server_name a.test; }`,
      );
      expect((await created(siteOf())).said).toBe("");
    });

    it("whose address another file listens on is told of (nginx/nginx#220)", async () => {
      // nginx binds all addresses once, and leads by the most specific `listen`.
      await lay(
        `server { listen ${port}; server_name one.test; }
         server { listen 127.0.0.1:${port}; server_name two.test; return 200 "another site"; }`,
      );
      for (const [challenge, expected] of [
        [{ thumbprint: THUMBPRINT }, /with 200 "another site", not 200/],
        [{ webroot: nginx.prefix }, /with 200 "another site", not 404/],
      ] as const) {
        const { site, said } = await created(siteOf({ challenge }));
        expect(said).toMatch(expected);
        await site.destroy();
      }
      const { said } = await created(siteOf({ challenge: undefined, redirectToHttps: true }));
      expect(said).toMatch(/with 200 "another site", not 301 to https:\/\/example\.test:\d+\//);
      // What docs/troubleshooting.md advises.
      const listen = { http: nginx.httpPort, https: nginx.httpsPort, address: "127.0.0.1" };
      const advised = { ...siteOf({ listen }), serverNames: ["advised.test"] };
      const configFile = join(nginx.configDirectory, "advised.conf");
      expect((await created({ ...advised, configFile, __urn: "urn:pulumi:a" })).said).toBe("");
    });

    it("for which nginx cannot bind the port is told of with the error log's words (certbot/certbot#7555)", async () => {
      const other = createServer((socket) => socket.resume().end());
      await listenOn(other, nginx.httpPort, "0.0.0.0");
      try {
        const { site, said } = await created(siteOf());
        expect(said).toMatch(
          /127\.0\.0\.1:\d+ gives no answer \(socket hang up\)\. Its error log says: "bind\(\) to 0\.0\.0\.0:\d+ failed \(98: Address (already )?in use\)"/,
        );
        // All later changes on this nginx are without effect as well.
        const elsewhere = siteOf({
          listen: { http: nginx.httpsPort, ipv6: false },
          configFile: join(nginx.configDirectory, "other.conf"),
          serverNames: ["other.test"],
          __urn: "urn:pulumi:other",
        });
        expect((await created(elsewhere)).said).toMatch(/ECONNREFUSED.*bind\(\) to 0\.0\.0\.0/);
        // What docs/troubleshooting.md advises.
        await closeServer(other);
        await site.up(siteOf({ triggers: ["the port is free"] }));
        expect(site.warnings()).toEqual([]);
      } finally {
        await closeServer(other);
      }
    });

    it("whose change is not taken over, while the former one answers, is told of", async () => {
      const site = resourceRun(nginxSiteHandler);
      await site.up(siteOf());
      expect(site.warnings()).toEqual([]);
      const other = createServer((socket) => socket.resume().end());
      await listenOn(other, nginx.httpsPort);
      try {
        await writeFile(
          join(nginx.configDirectory, "taken.conf"),
          `server { listen 127.0.0.1:${String(nginx.httpsPort)}; }`,
        );
        await site.up(siteOf({ extraConfig: "add_header X-New yes;" }));
        expect(site.warnings().join("\n")).toMatch(
          /nginx goes on with its former configuration; its error log says: "bind\(\) to 127\.0\.0\.1:\d+ failed/,
        );
      } finally {
        await closeServer(other);
      }
    });

    it("keeps a renewed certificate from being served, and the deployment's failure says why", async () => {
      const authority = await createAuthority();
      const address = `127.0.0.1:${String(nginx.httpsPort)}`;
      const directory = join(nginx.prefix, "deployed");
      const deploying = async (): Promise<Properties> => {
        const { certificatePem: fullchainPem, privateKeyPem } = await authority.issue([NAME]);
        const { test, reload } = nginx;
        const certificate = { fullchainPem, privateKeyPem };
        const verify = { address, timeout: "2s" };
        return {
          connection: "local",
          certificate,
          directory,
          service: "nginx",
          test,
          reload,
          verify,
        };
      };
      const deployment = resourceRun(deploymentHandler);
      await deployment.up({ ...(await deploying()), verify: false });
      await lay(
        `server { listen ${port}; listen ${address} ssl; server_name ${NAME};
           ssl_certificate ${directory}/fullchain.pem; ssl_certificate_key ${directory}/privkey.pem; }`,
      );
      const other = createServer((socket) => socket.resume().end());
      const taken = await listenOn(other);
      try {
        await writeFile(
          join(nginx.configDirectory, "taken.conf"),
          `server { listen 127.0.0.1:${String(taken)}; }`,
        );
        await expect(deployment.up(await deploying())).rejects.toThrow(
          /verify: .*another certificate.*; the error log of nginx says: bind\(\) to 127\.0\.0\.1:.*the old files are in use again/,
        );
        expect(await servedAt(address)).toBe(deployment.state["fingerprintSha256"]);
      } finally {
        await closeServer(other);
      }
    });

    it("with tls is told of another certificate", async () => {
      const https = String(nginx.httpsPort);
      const [own, others] = [await pair(["example.test"]), await pair(["other.test"])];
      const listen = { http: false, https: nginx.httpsPort, ipv6: false };
      const news = siteOf({ challenge: undefined, tls: own, listen });
      const { site, said } = await created(news);
      expect(said).toBe("");
      await site.destroy();

      await lay(
        `server { listen ${port}; listen ${https} ssl; listen 127.0.0.1:${https} ssl; server_name other.test;
           ssl_certificate ${others.certificate}; ssl_certificate_key ${others.certificateKey}; }`,
      );
      expect((await created(news)).said).toMatch(
        /nginx does not use this site: 127\.0\.0\.1:\d+ serves another certificate for example\.test \(SHA-256 [0-9a-f]{16}…\)/,
      );
    });

    it("with tls at a port of another program is told of", async () => {
      const other = createServer((socket) => socket.resume().end());
      await listenOn(other, nginx.httpsPort, "0.0.0.0");
      try {
        const { said } = await created(siteOf({ tls: await pair(["example.test"]) }));
        expect(said).toMatch(/has no certificate for example\.test \(.*Its error log says: "bind/);
      } finally {
        await closeServer(other);
      }
    });

    it.each([
      ["a thumbprint", {}],
      ["a thumbprint and a redirect", { redirectToHttps: true }],
      ["a webroot", { challenge: { webroot: "/nowhere" } }],
      [
        "an answer of its own to missing files",
        { challenge: { webroot: "/nowhere" }, extraConfig: "error_page 404 =200 /x;" },
      ],
      ["a challenge server that does not run", { challenge: { proxyPass: "http://127.0.0.1:9" } }],
      ["a wildcard", { serverNames: ["*.example.test"] }],
      ["an address", { serverNames: ["192.0.2.7"] }],
      ["an IPv6 address", { serverNames: ["2001:db8::7"], redirectToHttps: true }],
      ["no name", { serverNames: ["_"] }],
      ["a password", { extraConfig: 'auth_basic "closed";' }],
      ["content alone", { challenge: undefined, locations: [{ path: "/", return: "418" }] }],
    ])("that is in use is not warned of: %s", async (_title, more) => {
      expect((await created(siteOf(more))).said).toBe("");
    });

    it("with both ports, for two certificates, is not warned of", async () => {
      const [one, two] = [await pair(["example.test"]), await pair(["example.test", "www.test"])];
      const tls = {
        certificate: [one.certificate, two.certificate],
        certificateKey: [one.certificateKey, two.certificateKey],
      };
      expect((await created(siteOf({ tls }))).said).toBe("");
    });

    it("that nginx reads by a link is not warned of (digitalocean/nginxconfig.io#30)", async () => {
      const available = join(nginx.prefix, "sites-available");
      await mkdir(available);
      const configFile = join(available, "example.conf");
      await writeFile(configFile, "");
      await symlink(configFile, join(nginx.configDirectory, "example.conf"));
      execFileSync("rm", [configFile]);
      expect((await created(siteOf({ configFile }))).said).toBe("");
    });

    it("on a host behind SSH is asked from there", async () => {
      const sshd = await startSshd();
      try {
        const { connection } = sshd;
        const { site, said } = await created(siteOf({ connection }));
        expect(said).toBe("");
        await site.destroy();
        await lay(`server { listen ${port}; server_name example.test; return 200 "older"; }`);
        expect((await created(siteOf({ connection }))).said).toContain(`with 200 "older", not`);
      } finally {
        await sshd.stop();
      }
    });
  });
}
