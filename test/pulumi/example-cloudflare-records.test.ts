/** The example `dns-cloudflare-records` as it stands, with a stand-in for Cloudflare's plugin. */
import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { cloudflarePlugin, type CloudflarePlugin } from "../support/cloudflare-plugin";
import { startPebble, type Pebble } from "../support/pebble";
import { createStack, type Stack } from "../support/pulumi";

const directory = resolve(__dirname, "../../examples/dns-cloudflare-records");
let pebble: Pebble;
let plugin: CloudflarePlugin;
let stack: Stack;

beforeAll(async () => {
  pebble = await startPebble();
  plugin = await cloudflarePlugin(pebble.dns.managementUrl);
  const { directoryUrl, caBundlePem } = pebble;
  const propagation = { check: "resolvers", resolvers: [pebble.dns.dnsAddress] };
  stack = await createStack(
    { directory },
    {
      plugins: plugin.folder,
      env: plugin.env,
      config: {
        directoryUrl,
        caBundlePem,
        domain: "example.net",
        zoneId: "zone",
        profile: "default",
        propagation: JSON.stringify(propagation),
      },
    },
  );
});

afterAll(async () => {
  await stack.stop();
  await plugin.remove();
  await pebble.stop();
});

describe("the example dns-cloudflare-records", () => {
  it("issues a wildcard certificate by one up, and leaves no record behind when destroyed", async () => {
    await stack.up();
    const { fullchainPem, records } = await stack.outputs();
    expect(new X509Certificate(fullchainPem as string).subjectAltName).toBe(
      "DNS:*.example.net, DNS:example.net",
    );
    const held = await plugin.records();
    expect(held.map(({ name, content }) => ({ name, value: content }))).toEqual(
      expect.arrayContaining(records as object[]),
    );
    await stack.destroy();
    expect(await plugin.records()).toEqual([]);
  });
});
