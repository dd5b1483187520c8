/** A CA whose certificates live for minutes, name servers, hosts and a web server; the way to each of them can be cut. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Pebble, startPebble } from "../ca/pebble";
import { startBind } from "../dns/bind";
import { startRelay } from "../dns/dns-relay";
import { createStack, type Stack } from "../engine/pulumi";
import { type Nginx, startNginx } from "../nginx/nginx";
import { freePort } from "../process/ports";
import { temporaryDirectory } from "../process/temp";
import { startSshd } from "../ssh/sshd";
import { startWay } from "../ssh/cuttable-proxy";

const ZONE = "test";
const HOSTS = 3;

/** Something that can go down and come back. */
export interface Part {
  readonly name: string;
  readonly setDown: (isDown: boolean) => void;
}

export interface World {
  readonly pebble: Pebble;
  readonly stack: Stack;
  readonly parts: readonly Part[];
  /** What certificates are for; all are served on {@link World.tlsPort}. */
  readonly dnsNames: readonly string[];
  readonly tlsPort: number;
  /** Lets the web server serve what the first run deployed; from then on runs look at what is served. */
  serve(): Promise<void>;
  stop(): Promise<void>;
}

/** @param lifetime - of a certificate, in seconds */
export async function startWorld(certificates: number, lifetime: number): Promise<World> {
  const key = {
    name: "soak",
    algorithm: "hmac-sha256",
    secret: randomBytes(32).toString("base64"),
  };
  const nginx = await startNginx();
  const bind = await startBind({
    keys: [key],
    zones: [
      { name: ZONE, records: ["*.soak A 127.0.0.1"], updatePolicy: ["grant soak zonesub TXT"] },
    ],
  });
  const dnsPort = await freePort();
  const dns = await startRelay("127.0.0.1", dnsPort, bind.port);
  const resolver = `127.0.0.1:${String(dnsPort)}`;
  const [pebble, sshd, folder] = await Promise.all([
    startPebble({ httpPort: nginx.httpPort, resolver, validityPeriod: lifetime }),
    startSshd({ maxStartups: "100:30:200" }),
    temporaryDirectory("soak-"),
  ]);
  const { port: caPort } = new URL(pebble.directoryUrl);
  const ca = await startWay(Number(caPort));
  const hosts = await Promise.all(Array.from({ length: HOSTS }, () => startWay(sshd.port)));
  const dnsNames = Array.from(
    { length: certificates },
    (_, index) => `n${String(index)}.soak.${ZONE}`,
  );

  const webroot = join(nginx.prefix, "html");
  const commands = { test: nginx.test, reload: nginx.reload };
  const settings = {
    dnsNames,
    webroot,
    directory: folder.path,
    tlsAddress: `127.0.0.1:${String(nginx.httpsPort)}`,
    connections: hosts.map(({ port }) => ({ ...sshd.connection, port, dialErrorLimit: 2 })),
    rfc2136: { server: resolver, keyName: key.name, keySecret: key.secret },
    account: {
      directoryUrl: `https://127.0.0.1:${String(ca.port)}/dir`,
      caBundlePem: pebble.caBundlePem,
      termsOfServiceAgreed: true,
    },
    site: {
      ...commands,
      configFile: join(nginx.configDirectory, "stateless.conf"),
      listen: { http: nginx.httpPort, address: "127.0.0.1", ipv6: false },
      root: webroot,
    },
    certificate: {
      renewBefore: "75%",
      timeout: "1m",
      preflight: { httpPort: nginx.httpPort, resolvers: [resolver] },
      propagation: { check: "resolvers", resolvers: [resolver], timeout: "20s" },
    },
    deployment: { ...commands, service: "nginx" },
  };
  await configure(nginx, "webroot", webServer(nginx.httpPort, webroot));
  const stack = await createStack(program(settings));
  const tlsServers = dnsNames.map((name, index) =>
    tlsServer(nginx.httpsPort, name, join(folder.path, `c${String(index)}`)),
  );
  return {
    pebble,
    stack,
    parts: [
      { name: "the CA", setDown: ca.setDown },
      {
        name: "DNS",
        setDown: (isDown) => {
          dns.silent = isDown;
        },
      },
      ...hosts.map(({ setDown }, index) => ({ name: `host ${String(index + 1)}`, setDown })),
    ],
    dnsNames,
    tlsPort: nginx.httpsPort,
    serve: async () => {
      await configure(nginx, "tls", tlsServers.join(""));
      await stack.setConfig("serving", "true");
    },
    stop: async () => {
      await stack.stop();
      for (const each of [ca, ...hosts, pebble, sshd, dns, bind, nginx]) await each.stop();
      await folder.remove();
    },
  };
}

async function configure(nginx: Nginx, name: string, text: string): Promise<void> {
  await writeFile(join(nginx.configDirectory, `${name}.conf`), text);
  process.kill(nginx.pid(), "SIGHUP");
}

/** For every name that no other server has. */
function webServer(port: number, root: string): string {
  return `server {
  listen 127.0.0.1:${String(port)} default_server;
  root "${root}";
}
`;
}

function tlsServer(port: number, name: string, directory: string): string {
  return `server {
  listen 127.0.0.1:${String(port)} ssl;
  server_name ${name};
  ssl_certificate "${directory}/fullchain.pem";
  ssl_certificate_key "${directory}/privkey.pem";
  return 204;
}
`;
}

/** A third of the certificates by each kind of challenge, each third spread over the hosts. */
function program(settings: unknown): string {
  return `
    import * as acme from "pulumi-acme";
    import * as pulumi from "@pulumi/pulumi";

    const settings = ${JSON.stringify(settings)};
    const serving = new pulumi.Config().getBoolean("serving") ?? false;
    const account = new acme.AcmeAccount("ca", settings.account);
    const site = new acme.NginxSite("challenge", {
      ...settings.site,
      connection: "local",
      serverNames: settings.dnsNames.filter((_, index) => index % 3 === 0),
      challenge: { thumbprint: account.thumbprint },
    });
    settings.dnsNames.forEach((name, index) => {
      const connection = settings.connections[Math.floor(index / 3) % settings.connections.length];
      const solver = [
        { http01: { stateless: true } },
        { http01: { webroot: { path: settings.webroot, connection } } },
        { dns01: { rfc2136: settings.rfc2136 } },
      ][index % 3];
      const certificate = new acme.AcmeCertificate("c" + index, {
        ...settings.certificate,
        account,
        dnsNames: [name],
        solvers: [solver],
      }, { dependsOn: site });
      new acme.CertificateDeployment("d" + index, {
        ...settings.deployment,
        certificate,
        connection,
        directory: settings.directory + "/c" + index,
        verify: serving ? { address: settings.tlsAddress, serverName: name } : false,
      });
    });
  `;
}
