/** The templates, from `pulumi new` to a certificate. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";

import { missingDnsTools } from "../support/dns/dns-tools";
import { type ExampleServers, startExampleServers, ZONE } from "../support/engine/example-servers";
import { createStack, type Stack, type StackOptions } from "../support/engine/pulumi";
import { describeUnless, missingTools } from "../support/process/tools";
import { startWebHost, type WebHost } from "../support/ssh/web-host";

const missing =
  missingDnsTools() ?? missingTools("pulumi", "pebble", "pebble-challtestsrv", "nginx", "sshd");

interface Template {
  readonly template: {
    readonly config: Readonly<Record<string, { readonly default: string; readonly secret?: true }>>;
  };
}

type Config = Readonly<Record<string, string | { readonly secret: string } | object>>;

/**
 * A stack of the project that `pulumi new` makes, with the defaults that it would set, and `config` over them. npm
 * cannot install the package before it is published: this build is linked.
 */
async function stackFrom(
  template: string,
  config: Config,
  options: StackOptions = {},
): Promise<Stack> {
  const source = resolve(__dirname, "../../templates", template);
  const { template: declared } = parse(
    await readFile(join(source, "Pulumi.yaml"), "utf8"),
  ) as Template;
  const defaults = Object.entries(declared.config).map(([key, { default: value }]) => [key, value]);
  const all = Object.entries({ ...Object.fromEntries(defaults), ...config } as Config);
  const isSecret = (value: unknown): value is { secret: string } =>
    typeof value === "object" && value !== null && "secret" in value;
  const maker = await createStack("");
  try {
    const project = join(maker.directory, "made");
    await maker.run([
      "new",
      source,
      "--yes",
      "--generate-only",
      "--name",
      "made",
      "--dir",
      project,
    ]);
    return await createStack(
      { directory: project },
      {
        ...options,
        env: { ...options.env, PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
        files: {
          "Pulumi.dev.yaml": JSON.stringify({
            config: Object.fromEntries(
              all
                .filter(([, value]) => !isSecret(value))
                .map(([key, value]) => [key.includes(":") ? key : `made:${key}`, value]),
            ),
          }),
        },
        config: Object.fromEntries(
          all.filter((one): one is [string, { secret: string }] => isSecret(one[1])),
        ),
      },
    );
  } finally {
    await maker.stop();
  }
}

describeUnless(missing, "pulumi new", () => {
  let servers: ExampleServers;
  let host: WebHost;

  beforeAll(async () => {
    [servers, host] = await Promise.all([startExampleServers(), startWebHost()]);
  });
  afterAll(async () => {
    await Promise.all([servers.stop(), host.stop()]);
  });

  it("acme-nginx, and pulumi up: nginx serves the certificate, and the next up changes nothing", async () => {
    const { pebble, nginx, sshd } = host;
    const stack = await stackFrom("acme-nginx", {
      names: "one.example,www.one.example",
      host: sshd.host,
      sshPort: String(sshd.port),
      sshUser: sshd.user,
      sshHostKey: sshd.hostKey,
      sshPrivateKey: { secret: sshd.privateKeyPem },
      directoryUrl: pebble.directoryUrl,
      caBundlePem: pebble.caBundlePem,
      resolvers: [pebble.dns.dnsAddress],
      certificateDirectory: join(host.certificateDirectory, "made"),
      nginx: {
        ...{ httpPort: nginx.httpPort, httpsPort: nginx.httpsPort },
        ...{ configDirectory: nginx.configDirectory, test: nginx.test, reload: nginx.reload },
      },
    });
    try {
      const { name } = JSON.parse(
        await readFile(join(stack.directory, "package.json"), "utf8"),
      ) as { name: string };
      expect(name).toBe("made");
      expect((await stack.up()).changes).toEqual({ create: 7 });
      const { fingerprintSha256 } = await stack.outputs();
      await expect.poll(() => host.servedFingerprint("www.one.example")).toBe(fingerprintSha256);
      expect((await stack.up({ skipPreview: true })).changes).toEqual({ same: 7 });
      await stack.destroy();
    } finally {
      await stack.stop();
    }
  });

  it("acme-dns, and pulumi up: a certificate for the domain and its wildcard, by records of the program", async () => {
    const stack = await stackFrom(
      "acme-dns",
      { ...servers.records(), domain: ZONE, zoneId: "zone" },
      { plugins: servers.plugin.folder, env: servers.plugin.env },
    );
    try {
      await stack.up();
      const { fullchainPem } = await stack.outputs();
      expect(fullchainPem).toContain("BEGIN CERTIFICATE");
      expect((await servers.plugin.records()).map(({ name }) => name)).toEqual([
        `_acme-challenge.${ZONE}`,
        `_acme-challenge.${ZONE}`,
      ]);
      await stack.destroy();
      expect(await servers.leftovers()).toEqual([]);
    } finally {
      await stack.stop();
    }
  });
});
