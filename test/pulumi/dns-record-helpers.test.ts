/** The helpers for Pulumi's DNS providers on the real engine: a certificate for each, with the SDKs of the providers. */
import { X509Certificate } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Pebble, startPebble } from "../support/ca/pebble";
import { dnsPlugins, type DnsPlugins } from "../support/engine/dns-plugins";
import { createStack, type Stack } from "../support/engine/pulumi";

const program = `
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";
import { azureRecords } from "pulumi-acme/azure";
import { digitaloceanRecords } from "pulumi-acme/digitalocean";
import { gcpRecords } from "pulumi-acme/gcp";
import { hetznerRecords } from "pulumi-acme/hetzner";
import { route53Records } from "pulumi-acme/route53";

const config = new pulumi.Config();
const account = new acme.AcmeAccount("ca", {
  directoryUrl: config.require("directoryUrl"),
  caBundlePem: config.require("caBundlePem"),
  termsOfServiceAgreed: true,
});
const resolvers = [config.require("resolver")];
const common = {
  account,
  profile: "default",
  propagation: { check: "resolvers" as const, resolvers },
  preflight: { resolvers },
};
const names = (zone: string) => [zone, "*." + zone, "a.b." + zone];
const certificates = {
  aws: new acme.DnsCertificate("aws", {
    ...common,
    dnsNames: names("aws.example"),
    createRecordSet: route53Records({ zoneId: "Z1" }),
  }),
  azure: new acme.DnsCertificate("azure", {
    ...common,
    dnsNames: names("azure.example"),
    createRecordSet: azureRecords({ resourceGroupName: "group", zoneName: "azure.example" }),
  }),
  gcp: new acme.DnsCertificate("gcp", {
    ...common,
    dnsNames: names("gcp.example"),
    createRecordSet: gcpRecords({ managedZone: "zone" }),
  }),
  hcloud: new acme.DnsCertificate("hcloud", {
    ...common,
    dnsNames: names("hcloud.example"),
    createRecordSet: hetznerRecords({ zone: "hcloud.example" }),
  }),
  digitalocean: new acme.DnsCertificate("digitalocean", {
    ...common,
    dnsNames: names("digitalocean.example"),
    createRecord: digitaloceanRecords({ domain: "digitalocean.example" }),
  }),
};
export const fullchains = Object.values(certificates).map(({ fullchainPem }) => fullchainPem);
`;

const ZONES = ["aws", "azure", "gcp", "hcloud", "digitalocean"].map(
  (provider) => `${provider}.example`,
);

let pebble: Pebble;
let plugins: DnsPlugins;
let stack: Stack;

beforeAll(async () => {
  pebble = await startPebble();
  plugins = await dnsPlugins(pebble.dns.managementUrl);
  const { directoryUrl, caBundlePem, dns } = pebble;
  stack = await createStack(program, {
    plugins: plugins.folder,
    env: plugins.env,
    config: { directoryUrl, caBundlePem, resolver: dns.dnsAddress },
  });
});

afterAll(async () => {
  await stack.stop();
  await plugins.remove();
  await pebble.stop();
});

describe("certificates with the records of aws, azure, gcp, hcloud and digitalocean", () => {
  it("are issued by one up", async () => {
    await stack.up({ skipPreview: true });
    const { fullchains } = await stack.outputs();
    expect((fullchains as string[]).map((pem) => new X509Certificate(pem).subjectAltName)).toEqual(
      ZONES.map((zone) => `DNS:*.${zone}, DNS:a.b.${zone}, DNS:${zone}`),
    );
  });

  it("have one record set for a name and its wildcard, or a record for each", async () => {
    const records = await plugins.records();
    for (const zone of ZONES) {
      const own = records.filter(({ name }) => name.endsWith(zone));
      const sizes = own.map(({ name, values }) => `${name} ${String(values.length)}`).sort();
      expect(sizes).toEqual(
        zone.startsWith("digitalocean")
          ? [
              `_acme-challenge.a.b.${zone} 1`,
              `_acme-challenge.${zone} 1`,
              `_acme-challenge.${zone} 1`,
            ]
          : [`_acme-challenge.a.b.${zone} 1`, `_acme-challenge.${zone} 2`],
      );
    }
  });

  it("are left alone by the next up, and removed with their records", async () => {
    const { changes } = await stack.up({ skipPreview: true });
    expect(Object.keys(changes)).toEqual(["same"]);
    await stack.destroy();
    expect(await plugins.records()).toEqual([]);
  });
});
