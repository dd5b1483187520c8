/** Challenges as data on the real engine: order, records of somebody else's provider, certificate, in one `up`. */
import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { dnsPlugins, type DnsPlugins } from "../support/engine/dns-plugins";
import { startPebble, type Pebble } from "../support/ca/pebble";
import { createStack, type Stack, type Step } from "../support/engine/pulumi";

/** Long enough for a second `up` before half of it is over. */
const LIFETIME_SECONDS = 100;

const program = `
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";
import { cloudflareRecords } from "pulumi-acme/cloudflare";

const config = new pulumi.Config();
const account = new acme.AcmeAccount("ca", {
  directoryUrl: config.require("directoryUrl"),
  caBundlePem: config.require("caBundlePem"),
  termsOfServiceAgreed: true,
});
const certificate = new acme.DnsCertificate("wild", {
  account,
  dnsNames: config.require("dnsNames").split(","),
  createRecord: cloudflareRecords({ zoneId: "zone" }),
  profile: "default",
  useRenewalInfo: false,
  propagation: { check: config.get("check") ?? "resolvers", resolvers: [config.require("resolver")] },
});
export const fullchainPem = certificate.fullchainPem;
export const notAfter = certificate.certificate.notAfter;
export const renewAt = certificate.certificate.renewAt;
export const orderUrl = certificate.order.orderUrl;
export const challenges = certificate.order.challenges;
`;

let pebble: Pebble;
let plugin: DnsPlugins;
let stack: Stack;

beforeAll(async () => {
  pebble = await startPebble({
    profiles: { default: { description: "short", validityPeriod: LIFETIME_SECONDS } },
  });
  plugin = await dnsPlugins(pebble.dns.managementUrl);
  const { directoryUrl, caBundlePem } = pebble;
  stack = await createStack(program, {
    plugins: plugin.folder,
    env: plugin.env,
    config: {
      directoryUrl,
      caBundlePem,
      resolver: pebble.dns.dnsAddress,
      dnsNames: "example.com,*.example.com",
    },
  });
});

afterAll(async () => {
  await stack.stop();
  await plugin.remove();
  await pebble.stop();
});

const subjectAltName = async (): Promise<string | undefined> => {
  const { fullchainPem } = await stack.outputs();
  return new X509Certificate(fullchainPem as string).subjectAltName;
};

/** Which of ours were updated. Records are not counted: Pebble sometimes takes an authorization as proven all the same. */
function updated(steps: readonly Step[]): string[] {
  return steps
    .filter(({ op, type }) => op === "update" && type.includes("dynamic/acme:"))
    .map(({ type }) => type.replace(/.*:/, ""))
    .sort();
}

describe("a DnsCertificate with the records of another provider", () => {
  it("shows its records in the first preview, which sends nothing to the CA", async () => {
    const { changes } = await stack.preview();
    expect(changes).toEqual({ create: 7 });
    expect(pebble.requests()).toEqual([]);
  });

  it("is issued by one up, records and all", async () => {
    const { changes } = await stack.up();
    expect(changes).toEqual({ create: 7 });
    expect(await subjectAltName()).toBe("DNS:*.example.com, DNS:example.com");
    const { challenges } = await stack.outputs();
    expect(challenges).toMatchObject([
      { key: "wild-_wildcard.example.com", name: "_acme-challenge.example.com" },
      { key: "wild-example.com", name: "_acme-challenge.example.com" },
    ]);
    expect((await plugin.records()).map(({ name }) => name)).toEqual([
      "_acme-challenge.example.com",
      "_acme-challenge.example.com",
    ]);
  });

  it("leaves no secret in clear in the state", async () => {
    const { text } = await stack.exportState();
    expect(text).not.toContain("PRIVATE KEY");
  });

  it("is left alone by the next up", async () => {
    const { changes } = await stack.up();
    expect(changes).toEqual({ same: 7 });
  });

  it("is renewed with its order and its records when its time has come", async () => {
    const before = await stack.outputs();
    await sleep(Math.max(0, Date.parse(before["renewAt"] as string) - Date.now()) + 1000);
    const { steps, diagnostics } = await stack.up();
    expect(updated(steps)).toEqual(["AcmeCertificate", "AcmeOrder"]);
    const after = await stack.outputs();
    expect(after["orderUrl"]).not.toBe(before["orderUrl"]);
    expect(after["fullchainPem"]).not.toBe(before["fullchainPem"]);
    const reasons = diagnostics.map(({ message }) => message.trim());
    expect(reasons).toContainEqual(expect.stringMatching(/^renews: .* left$/));
    expect(reasons).toContain("issues: the order is new");
  });

  it("takes a name more, and leaves the others' records to a new order", async () => {
    await stack.setConfig("dnsNames", "example.com,*.example.com,www.example.org");
    const { changes, steps } = await stack.up();
    expect(changes["create"]).toBe(1);
    expect(updated(steps)).toEqual(["AcmeCertificate", "AcmeOrder"]);
    expect(await subjectAltName()).toContain("DNS:www.example.org");
  });

  it("whose validation failed is mended by the next up", async () => {
    const broken = "_acme-challenge.www.example.net";
    await stack.setConfig("dnsNames", "example.com,www.example.net");
    await stack.setConfig("check", "none");
    await pebble.dns.setServfail(broken);
    const { stdout } = await stack.up({ expectFailure: true });
    expect(stdout).toMatch(/could not validate www\.example\.net/);
    await pebble.dns.clearServfail(broken);
    await stack.up();
    expect(await subjectAltName()).toBe("DNS:example.com, DNS:www.example.net");
  });

  it("is destroyed with the CA down, and no record is left", async () => {
    await pebble.pause();
    await stack.destroy();
    expect(await plugin.records()).toEqual([]);
  });
});
