/** Every example but the quickstart, as it stands, against real parts on loopback ports: up, up again, destroy. */
import { X509Certificate } from "node:crypto";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { missingDnsTools } from "../support/dns/dns-tools";
import { createStack } from "../support/engine/pulumi";
import { describeUnless, missingTools } from "../support/process/tools";
import {
  type Config,
  type ExampleServers,
  startExampleServers,
  ZONE,
} from "../support/engine/example-servers";

const folder = resolve(__dirname, "../../examples");

let servers: ExampleServers;

interface Example {
  readonly config: () => Config;
  /** As `X509Certificate` writes them. */
  readonly names: string;
  readonly resources: number;
  /** What is there once it is up; records that prove names are gone then. */
  readonly whenUp?: () => Promise<void>;
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
  missingDnsTools() ?? missingTools("pulumi", "pebble", "pebble-challtestsrv", "nginx", "sshd");

describeUnless(missing, "the example", () => {
  beforeAll(async () => {
    servers = await startExampleServers();
  });
  afterAll(() => servers.stop());

  it.each(Object.entries(examples))(
    "%s issues by one up, keeps secrets, is left alone by the next up, and leaves nothing behind",
    async (name, { config, names, resources, whenUp }) => {
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
        expect(new X509Certificate(String(outputs?.["fullchainPem"])).subjectAltName).toBe(names);
        for (const secret of ["PRIVATE KEY", ...secrets.map(lineOf)]) {
          expect(text).not.toContain(secret);
        }
        await whenUp?.();

        expect((await stack.up({ skipPreview: true })).changes).toEqual({ same: resources });

        expect((await stack.destroy()).changes).toEqual({ delete: resources });
        expect(await servers.leftovers()).toEqual([]);
      } finally {
        await stack.stop();
      }
    },
  );

  it("is one of these, or the quickstart, which has a test of its own", () => {
    expect(readdirSync(folder).sort()).toEqual([...Object.keys(examples), "quickstart"].sort());
  });
});
