/** Delegation in one program on the real engine: a registration at acme-dns, its CNAME, and a certificate by it. */
import { X509Certificate } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Pebble, startPebble } from "../support/ca/pebble";
import { type AcmeDnsService, startAcmeDns } from "../support/dns/acme-dns-api";
import { dnsPlugins, type DnsPlugins } from "../support/engine/dns-plugins";
import { createStack, type Stack } from "../support/engine/pulumi";

const program = `
import * as pulumi from "@pulumi/pulumi";
import * as cloudflare from "@pulumi/cloudflare";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const resolvers = [config.require("resolver")];
const account = new acme.AcmeAccount("ca", {
  directoryUrl: config.require("directoryUrl"),
  caBundlePem: config.require("caBundlePem"),
  termsOfServiceAgreed: true,
});
const delegation = new acme.AcmeDnsRegistration("delegation", {
  url: config.require("acmeDns"),
  dnsName: "example.com",
  allowFrom: ["127.0.0.0/8"],
});
const { name, type, value: content } = delegation.record;
const cname = new cloudflare.DnsRecord("delegation", { zoneId: "zone", name, type, content, ttl: 300 });
const certificate = new acme.AcmeCertificate("delegated", {
  account,
  dnsNames: ["example.com", "*.example.com"],
  solvers: [{ dns01: { acmeDns: delegation.credentials } }],
  propagation: { check: "resolvers", resolvers },
  preflight: { resolvers },
  profile: "default",
}, { dependsOn: cname });
export const fullchainPem = certificate.fullchainPem;
export const record = delegation.record;
export const password = delegation.credentials.password;
`;

let pebble: Pebble;
let service: AcmeDnsService;
let plugins: DnsPlugins;
let stack: Stack;

beforeAll(async () => {
  pebble = await startPebble();
  const { dns, directoryUrl, caBundlePem } = pebble;
  service = await startAcmeDns({
    publish: async (name, values) => {
      await dns.clearTxt(name);
      for (const value of values) await dns.setTxt(name, value);
    },
  });
  plugins = await dnsPlugins(dns.managementUrl);
  stack = await createStack(program, {
    plugins: plugins.folder,
    env: plugins.env,
    config: { directoryUrl, caBundlePem, acmeDns: service.url, resolver: dns.dnsAddress },
  });
});

afterAll(async () => {
  await stack.stop();
  await plugins.remove();
  await service.stop();
  await pebble.stop();
});

const registrations = () => service.calls.filter(({ path }) => path === "POST /register");

describe("an AcmeDnsRegistration", () => {
  it("shows the record's name in the first preview, which registers nothing", async () => {
    const { stdout } = await stack.preview({ args: ["--diff"] });
    expect(stdout).toMatch(/name *: "_acme-challenge\.example\.com"/);
    expect(service.calls).toEqual([]);
  });

  it("is made by one up, which creates the CNAME alone and issues through it", async () => {
    expect((await stack.up()).changes).toEqual({ create: 5 });
    const { fullchainPem, record } = await stack.outputs();
    expect(new X509Certificate(fullchainPem as string).subjectAltName).toBe(
      "DNS:*.example.com, DNS:example.com",
    );
    const { value } = record as { value: string };
    expect(await plugins.records()).toEqual([
      { name: "_acme-challenge.example.com", type: "CNAME", values: [value] },
    ]);
    expect(registrations()).toEqual([
      { path: "POST /register", body: { allowfrom: ["127.0.0.0/8"] } },
    ]);
  });

  it("keeps its credentials secret in the state", async () => {
    const { password } = await stack.outputs();
    expect(password).toHaveLength(40);
    const { text } = await stack.exportState();
    expect(text).not.toContain(password);
  });

  it("makes no request in a second up with a refresh", async () => {
    const before = service.calls.length;
    expect((await stack.up({ refresh: true })).changes).toMatchObject({ same: 5 });
    expect(service.calls).toHaveLength(before);
  });

  it("is forgotten by a destroy with the server down, which says what stays", async () => {
    await service.stop();
    const { stdout } = await stack.destroy();
    expect(stdout).toContain("acme-dns cannot delete");
    expect(await plugins.records()).toEqual([]);
  });
});
