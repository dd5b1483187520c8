/** Every example but the quickstart, as it stands, against real parts on loopback ports: up, up again, destroy. */
import { X509Certificate } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { shakeHands } from "../support/ca/tls-clients";
import { missingDnsTools } from "../support/dns/dns-tools";
import { createStack, type Stack } from "../support/engine/pulumi";
import { describeUnless, missingTools } from "../support/process/tools";
import { cannotMakeUsers } from "../support/ssh/system-user";
import {
  type Config,
  type ExampleServers,
  startExampleServers,
  ZONE,
} from "../support/engine/example-servers";

const folder = resolve(__dirname, "../../examples");

let servers: ExampleServers;

interface FleetHost {
  readonly name: string;
  readonly certificateDirectory: string;
  readonly test: string;
}

interface Example {
  readonly config: () => Config;
  /** As `X509Certificate` writes them; absent where the stack's outputs have no certificate. */
  readonly names?: string;
  readonly resources: number;
  /** What is there once it is up; records that prove names are gone then. */
  readonly whenUp?: () => Promise<void>;
  /** Later runs, with other settings. */
  readonly later?: (stack: Stack) => Promise<void>;
}

/** The names of the certificate that the web server shows for a name. */
async function served(name: string): Promise<string | undefined> {
  const { certificate } = await shakeHands(Number(servers.web()["httpsPort"]), {
    servername: name,
  });
  return certificate && new X509Certificate(certificate).subjectAltName;
}

const noRecords = async (): Promise<void> => {
  expect(await servers.leftovers()).toEqual([]);
};

const examples: Readonly<Record<string, Example>> = {
  "dns-cloudflare-token": {
    config: () => ({ ...servers.cloudflare(), names: [`intranet.${ZONE}`] }),
    names: "DNS:intranet.example.test",
    resources: 3,
    whenUp: noRecords,
  },
  "dns-cloudflare-records": {
    config: () => ({ ...servers.records(), zoneId: "zone", names: [ZONE, `*.${ZONE}`] }),
    names: "DNS:*.example.test, DNS:example.test",
    // Stack, account, component, order, certificate, a record for each name, Cloudflare's provider.
    resources: 7,
    whenUp: async () => {
      const names = (await servers.plugin.records()).map(({ name }) => name);
      expect(names).toEqual(["_acme-challenge.example.test", "_acme-challenge.example.test"]);
    },
  },
  "dns-route53-records": {
    config: () => ({
      ...servers.records(),
      hostedZoneId: "Z1",
      names: [ZONE, `*.${ZONE}`, `www.${ZONE}`],
    }),
    names: "DNS:*.example.test, DNS:example.test, DNS:www.example.test",
    // Stack, account, order, certificate, a set for each record name.
    resources: 6,
    whenUp: async () => {
      const names = (await servers.plugin.records()).map(({ name }) => name);
      expect(names.sort()).toEqual([
        "_acme-challenge.example.test",
        "_acme-challenge.www.example.test",
      ]);
    },
  },
  "dns-persist": {
    config: () => ({ ...servers.records(), zoneId: "zone", domain: ZONE }),
    names: "DNS:*.example.test, DNS:example.test",
    // Stack, account, record, certificate.
    resources: 4,
    whenUp: async () => {
      const [record, ...others] = await servers.plugin.records();
      expect(others).toEqual([]);
      expect(record?.name).toBe("_validation-persist.example.test");
      expect(record?.values[0]).toMatch(/^"pebble\.test; accounturi=https:.*; policy=wildcard"$/);
    },
  },
  "dns-rfc2136": {
    config: () => ({
      ...servers.bind(),
      names: [`intranet.${ZONE}`],
      nameServer: servers.nameServer.server,
      tsigSecret: servers.tsig.secret,
    }),
    names: "DNS:intranet.example.test",
    resources: 3,
    whenUp: noRecords,
  },
  wildcard: {
    config: () => ({ ...servers.cloudflare(), domain: ZONE }),
    names: "DNS:*.example.test, DNS:example.test",
    resources: 3,
    whenUp: noRecords,
  },
  "stateless-many-hosts": {
    config: () => ({ ...servers.fleet(), names: [`www.${ZONE}`] }),
    names: "DNS:www.example.test",
    // Stack, account, certificate; for each host two sites and a deployment.
    resources: 9,
    whenUp: () => {
      const [first, second] = servers.deployed();
      expect(first).toContain("BEGIN CERTIFICATE");
      expect(second).toBe(first);
      return Promise.resolve();
    },
  },
  "nginx-https": {
    config: () => ({
      ...servers.web(),
      sites: [
        { names: [`www.${ZONE}`], root: servers.folder },
        { names: [`app.${ZONE}`, `api.${ZONE}`], proxyPass: "http://127.0.0.1:9" },
      ],
    }),
    // Stack, account; for each site the component, two sites, a certificate, a deployment.
    resources: 12,
    whenUp: async () => {
      expect(await served(`api.${ZONE}`)).toBe("DNS:api.example.test, DNS:app.example.test");
      expect(await served(`www.${ZONE}`)).toBe("DNS:www.example.test");
    },
  },
  "shared-certificate": {
    config: () => ({
      ...servers.web(),
      names: [`www.${ZONE}`, `shop.${ZONE}`],
      root: servers.folder,
    }),
    names: "DNS:shop.example.test, DNS:www.example.test",
    // Stack, account, challenge site, certificate, deployment, a site for each name.
    resources: 7,
    whenUp: async () => {
      for (const name of ["www", "shop"])
        expect(await served(`${name}.${ZONE}`)).toBe("DNS:shop.example.test, DNS:www.example.test");
    },
  },
  "mail-server": {
    config: () => {
      const { directoryUrl, caBundlePem, resolvers, httpPort } = servers.web();
      return {
        ...{ directoryUrl, caBundlePem, resolvers, httpPort },
        ...servers.host(),
        names: [`mail.${ZONE}`, `chat.${ZONE}`],
        etc: join(servers.folder, "etc"),
        certificateDirectory: join(servers.folder, "mail"),
        test: "true",
        reload: "true",
      };
    },
    names: "DNS:chat.example.test, DNS:mail.example.test",
    // Stack, account, certificate, deployment, two configurations.
    resources: 6,
    whenUp: async () => {
      const text = await readFile(
        join(servers.folder, "etc", "dovecot", "conf.d", "99-tls.conf"),
        "utf8",
      );
      expect(text).toContain(`ssl_key = <${servers.folder}/mail/privkey.pem`);
    },
  },
  haproxy: {
    config: () => ({
      ...servers.haproxy(),
      names: [`proxy.${ZONE}`],
      certificateDirectory: join(servers.folder, "haproxy"),
    }),
    names: "DNS:proxy.example.test",
    // Stack, account, stand-in, configuration, certificate, deployment.
    resources: 6,
    whenUp: async () => {
      await expect.poll(() => served(`proxy.${ZONE}`)).toBe("DNS:proxy.example.test");
    },
  },
  postgresql: {
    config: () => ({
      ...servers.bind(),
      ...servers.host(),
      name: `db.${ZONE}`,
      nameServer: servers.nameServer.server,
      tsigSecret: servers.tsig.secret,
      certificateDirectory: join(servers.folder, "postgresql"),
      configDirectory: join(servers.folder, "etc", "postgresql"),
      test: "true",
      reload: "true",
    }),
    names: "DNS:db.example.test",
    // Stack, account, certificate, deployment, configuration.
    resources: 5,
    whenUp: noRecords,
  },
  "command-interop": {
    config: () => ({
      ...servers.bind(),
      ...servers.host(),
      name: `app.${ZONE}`,
      nameServer: servers.nameServer.server,
      tsigSecret: servers.tsig.secret,
      directory: servers.folder,
      reload: `echo reloaded >>${servers.folder}/reloads`,
    }),
    names: "DNS:app.example.test",
    // Stack, account, certificate, a copy, three commands, deployment.
    resources: 8,
    whenUp: async () => {
      const read = (name: string): Promise<string> => readFile(join(servers.folder, name), "utf8");
      const chain = await read("by-deployment/fullchain.pem");
      expect(await read("by-command.pem")).toBe(chain);
      expect(await read("by-command.bundle.pem")).toContain(chain);
      expect(await read("by-command.bundle.pem")).toContain("PRIVATE KEY");
      expect(await read("reloads")).toBe("reloaded\nreloaded\n");
    },
    later: async (stack) => {
      await stack.setConfig("name", `other.${ZONE}`);
      await stack.up({ skipPreview: true });
      const read = (name: string): Promise<string> => readFile(join(servers.folder, name), "utf8");
      const chain = await read("by-command.pem");
      expect(new X509Certificate(chain).subjectAltName).toBe("DNS:other.example.test");
      expect(await read("by-deployment/fullchain.pem")).toBe(chain);
      expect(await read("by-command.bundle.pem")).toContain(chain);
      expect(await read("reloads")).toBe("reloaded\n".repeat(4));
    },
  },
  fleet: {
    config: () => {
      const { hosts, sshPrivateKey } = servers.fleet();
      return {
        ...servers.cloudflare(),
        names: [`fleet.${ZONE}`],
        sshPrivateKey,
        hosts: (hosts as readonly FleetHost[]).map(({ certificateDirectory, ...host }) => ({
          ...host,
          directory: certificateDirectory,
        })),
      };
    },
    names: "DNS:fleet.example.test",
    // Stack, account, certificate, a deployment for each host.
    resources: 5,
    whenUp: noRecords,
    later: async (stack) => {
      const before = servers.deployed();
      const set = (key: string, value: string): Promise<unknown> =>
        stack.run(["config", "set", "--path", key, "--", value]);
      const run = { skipPreview: true, args: ["--continue-on-error"] };
      await set("names[1]", `more.${ZONE}`);
      const test = (servers.fleet()["hosts"] as readonly FleetHost[])[0]?.test ?? "true";
      await set("hosts[0].test", "echo 'the canary does not like it'; exit 1");
      const failed = await stack.up({ ...run, expectFailure: true });
      expect(failed.stdout + failed.stderr).toContain("the canary does not like it");
      expect(servers.deployed()).toEqual(before);

      await set("hosts[0].test", test);
      await stack.up(run);
      const [first = "", second] = servers.deployed();
      expect(new X509Certificate(first).subjectAltName).toContain("DNS:more.example.test");
      expect(second).toBe(first);
    },
  },
  "existing-hooks": {
    config: () => ({
      ...servers.bind(),
      names: [`lego.${ZONE}`, `certbot.${ZONE}`],
      certbotNames: [`certbot.${ZONE}`],
      dnsServer: `127.0.0.1 ${String(servers.nameServer.port)}`,
      tsigKey: `hmac-sha256:${servers.tsig.name} ${servers.tsig.secret}`,
    }),
    names: "DNS:certbot.example.test, DNS:lego.example.test",
    resources: 3,
    whenUp: noRecords,
  },
};

/** What the examples want to be given by `--secret`, and the rest. */
function settings(config: Config): {
  readonly secrets: readonly (readonly [string, string])[];
  readonly plain: readonly (readonly [string, unknown])[];
} {
  const isSecret = ([key]: readonly [string, unknown]): boolean =>
    /token|secret|tsigKey|privateKey/i.test(key);
  const all = Object.entries(config);
  return {
    secrets: all.filter(isSecret).map(([key, value]) => [key, String(value)]),
    plain: all.filter((setting) => !isSecret(setting)),
  };
}

/** Of a key in PEM the last line of its text: what is searched is JSON, where lines have no ends. */
function lineOf([, secret]: readonly [string, string]): string {
  return secret.trim().split("\n").at(-2) ?? secret;
}

const missing =
  missingDnsTools() ??
  cannotMakeUsers() ??
  missingTools(
    ...(["pulumi", "pebble", "pebble-challtestsrv", "nginx", "sshd", "haproxy"] as const),
    // Their users and groups get keys.
    ...(["setfacl", "psql", "prosody", "turnserver"] as const),
  );

describeUnless(missing, "the example", () => {
  beforeAll(async () => {
    servers = await startExampleServers();
  });
  afterAll(() => servers.stop());

  it.each(Object.entries(examples))(
    "%s issues by one up, keeps secrets, is left alone by the next up, and leaves nothing behind",
    async (name, { config, names, resources, whenUp, later }) => {
      const { secrets, plain } = settings(config());
      const stack = await createStack(
        { directory: resolve(folder, name) },
        {
          plugins: servers.plugin.folder,
          // Types are the compiler's business, which checks this folder, too.
          env: { ...servers.plugin.env, PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
          // Much quicker than the command line; JSON is YAML.
          files: {
            "Pulumi.dev.yaml": JSON.stringify({
              config: Object.fromEntries(
                plain.map(([key, value]): [string, unknown] => [`${name}:${key}`, value]),
              ),
            }),
          },
          config: Object.fromEntries(secrets.map(([key, secret]) => [key, { secret }])),
        },
      );
      try {
        expect((await stack.up()).changes).toEqual({ create: resources });
        const { text, resources: all } = await stack.exportState();
        const outputs = all.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
        if (names !== undefined)
          expect(new X509Certificate(String(outputs?.["fullchainPem"])).subjectAltName).toBe(names);
        for (const secret of ["PRIVATE KEY", ...secrets.map(lineOf)]) {
          expect(text).not.toContain(secret);
        }
        await whenUp?.();

        expect((await stack.up({ skipPreview: true })).changes).toEqual({ same: resources });
        await later?.(stack);

        expect((await stack.destroy()).changes).toEqual({ delete: resources });
        expect(await servers.leftovers()).toEqual([]);
      } finally {
        await stack.stop();
      }
    },
  );

  it("is one of these, or has a test file of its own", () => {
    const others = ["other-places", "quickstart"];
    expect(readdirSync(folder).sort()).toEqual([...Object.keys(examples), ...others].sort());
  });
});
