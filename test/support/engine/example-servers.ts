/** What the examples talk to: CAs, name servers, DNS services and web servers on loopback ports. Test support of this folder. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";

import { startBind, type Bind } from "../dns/bind";
import { startCloudflare, type CloudflareService } from "../dns/cloudflare-api";
import { dnsPlugins, type DnsPlugins } from "./dns-plugins";
import { writePlugins } from "./plugin-program";
import { startNginx, type Nginx } from "../nginx/nginx";
import { startPebble, type Pebble } from "../ca/pebble";
import { startSshd, type Sshd } from "../ssh/sshd";
import { temporaryDirectory } from "../process/temp";
import { startHaproxy } from "../services/haproxy";

/** Configuration of an example, as it lies in `Pulumi.<stack>.yaml`. */
export type Config = Readonly<Record<string, unknown>>;

/** The zone of all names. */
export const ZONE = "example.test";

export interface ExampleServers {
  /** A stand-in of Cloudflare, whose records a CA sees. */
  cloudflare(): Config;
  /** The same CA, and plugins of DNS providers whose records it sees. */
  readonly plugin: DnsPlugins;
  records(): Config;
  /** A BIND 9 with a key, and a CA that asks it. */
  bind(): Config;
  readonly tsig: { readonly name: string; readonly secret: string };
  readonly nameServer: Bind;
  /** Two web servers behind sshd, on one port of two addresses, either of which the CA asks. */
  fleet(): Config;
  /** The first of them alone: how to log in, and its nginx. */
  web(): Config;
  /** A HAProxy behind the same login, on the same ports. */
  haproxy(): Config;
  /** The login; the rest belongs to one host's services, whose files lie in `folder`. */
  host(): Config;
  readonly folder: string;
  /** The certificates that the web servers hold, in PEM. */
  deployed(): string[];
  /** Every TXT record that is anywhere. */
  leftovers(): Promise<unknown[]>;
  stop(): Promise<void>;
}

export async function startExampleServers(): Promise<ExampleServers> {
  const first = await startNginx();
  // One login for both: what makes them two is where their nginx listens, and which files it reads.
  const [second, sshd] = await Promise.all([
    startNginx({ httpPort: first.httpPort, httpsPort: first.httpsPort }),
    startSshd(),
  ]);
  const certificates = await temporaryDirectory("certificates-");
  // Services read their keys as users of their own.
  await chmod(certificates.path, 0o755);
  const haproxy = await startHaproxy(certificates.path);
  const tsig = { name: "acme", secret: randomBytes(32).toString("base64") };
  const nameServer = await startBind({
    keys: [{ ...tsig, algorithm: "hmac-sha256" }],
    zones: [{ name: ZONE, updatePolicy: [`grant ${tsig.name} zonesub TXT`] }],
  });
  const [pebble, pebbleAtBind] = await Promise.all([
    startPebble({ httpPort: first.httpPort }),
    startPebble({ resolver: nameServer.server }),
  ]);
  await pebble.dns.addA(`www.${ZONE}`, "127.0.0.1", "127.0.0.2");
  const plugin = await dnsPlugins(pebble.dns.managementUrl);
  await writePlugins(plugin.folder, ["command"], "command-stand-in.ts");
  const token = randomBytes(20).toString("hex");
  const cloudflare = await startPublishedCloudflare(pebble, token);
  const web = { servers: [first, second], sshd, certificates: certificates.path };
  return {
    plugin,
    tsig,
    nameServer,
    cloudflare: () => ({
      ...authority(pebble, pebble.dns.dnsAddress),
      cloudflareToken: token,
      cloudflareUrl: cloudflare.url,
    }),
    records: () => authority(pebble, pebble.dns.dnsAddress),
    bind: () => authority(pebbleAtBind, nameServer.server),
    fleet: () => ({ ...authority(pebble, pebble.dns.dnsAddress), ...fleetConfig(web) }),
    web: () => ({
      ...authority(pebble, pebble.dns.dnsAddress),
      ...login(sshd),
      ...nginxConfig(first),
      certificateDirectory: join(certificates.path, "web"),
    }),
    haproxy: () => ({
      ...authority(pebble, pebble.dns.dnsAddress),
      ...login(sshd),
      httpPort: first.httpPort,
      httpsPort: first.httpsPort,
      listenAddress: "127.0.0.1",
      configFile: join(haproxy.configDirectory, "example.cfg"),
      test: haproxy.test,
      reload: haproxy.reload,
    }),
    host: () => login(sshd),
    folder: certificates.path,
    deployed: () =>
      ["1", "2"].map((each) =>
        readFileSync(join(certificates.path, each, "fullchain.pem"), "utf8"),
      ),
    leftovers: async () => [
      ...[...cloudflare.records.values()].flat(),
      ...(await plugin.records()),
      ...(await nameServer.txtRecords(ZONE)),
    ],
    stop: async () => {
      await cloudflare.stop();
      await plugin.remove();
      for (const each of [pebble, pebbleAtBind, nameServer, first, second, haproxy, sshd])
        await each.stop();
      await certificates.remove();
    },
  };
}

function authority({ directoryUrl, caBundlePem }: Pebble, resolver: string): Config {
  return { directoryUrl, caBundlePem, resolvers: [resolver] };
}

/** Its records are seen by who asks Pebble's resolver. */
function startPublishedCloudflare({ dns }: Pebble, token: string): Promise<CloudflareService> {
  const tokens = { [token]: { read: [ZONE], edit: [ZONE] } };
  return startCloudflare([ZONE], tokens, undefined, (name, values) => dns.replaceTxt(name, values));
}

function login({ host, port, user, hostKey, privateKeyPem }: Sshd): Config {
  const sshPrivateKey = privateKeyPem;
  return { host, sshPort: port, sshUser: user, sshHostKey: hostKey, sshPrivateKey };
}

function nginxConfig({ httpPort, httpsPort, configDirectory, test, reload }: Nginx): Config {
  return {
    httpPort,
    httpsPort,
    listenAddress: "127.0.0.1",
    nginxConfigDirectory: configDirectory,
    nginxTest: test,
    nginxReload: reload,
  };
}

function fleetConfig({
  servers,
  sshd,
  certificates,
}: {
  readonly servers: readonly Nginx[];
  readonly sshd: Sshd;
  readonly certificates: string;
}): Config {
  return {
    httpPort: servers[0]?.httpPort,
    httpsPort: servers[0]?.httpsPort,
    sshPrivateKey: sshd.privateKeyPem,
    hosts: servers.map(({ test, reload, configDirectory, prefix }, index) => ({
      name: `web-${String(index + 1)}`,
      host: sshd.host,
      port: sshd.port,
      user: sshd.user,
      hostKey: sshd.hostKey,
      address: `127.0.0.${String(index + 1)}`,
      root: join(prefix, "html"),
      certificateDirectory: join(certificates, String(index + 1)),
      configDirectory,
      test,
      reload,
    })),
  };
}
