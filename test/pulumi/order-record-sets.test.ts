/** An `AcmeOrder` with a DNS resource of another shape on the real engine: record sets. */
import { X509Certificate } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startPebble, type Pebble } from "../support/ca/pebble";
import { createStack, type Stack } from "../support/engine/pulumi";

const program = `
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();

/** One resource for all values of a name, as Route 53, Google and Azure have it. */
class RecordSet extends pulumi.dynamic.Resource {
  constructor(name, args, opts) {
    const url = config.require("dns");
    const post = async (call, body) => {
      const response = await fetch(url + "/" + call, { method: "POST", body: JSON.stringify(body) });
      if (!response.ok) throw new Error(call + ": " + response.status);
    };
    const put = async ({ name, values }) => {
      await post("clear-txt", { host: name + "." });
      for (const value of values) await post("set-txt", { host: name + ".", value });
    };
    super({
      create: async (inputs) => { await put(inputs); return { id: inputs.name, outs: inputs }; },
      update: async (id, olds, news) => { await put(news); return { outs: news }; },
      diff: async (id, olds, news) => ({ changes: JSON.stringify(olds.values) !== JSON.stringify(news.values) }),
      delete: async (id, props) => { await post("clear-txt", { host: props.name + "." }); },
    }, name, args, opts);
  }
}

const account = new acme.AcmeAccount("ca", {
  directoryUrl: config.require("directoryUrl"),
  caBundlePem: config.require("caBundlePem"),
  termsOfServiceAgreed: true,
});
const order = new acme.AcmeOrder("sets", {
  account,
  dnsNames: ["*.example.com", "example.com", "www.example.org"],
  challenge: "dns-01",
  profile: "default",
  triggers: [config.get("key") ?? "P256"],
});
const sets = order.dnsRecordSets.map(({ key, name, values }) => new RecordSet(key, { name, values }));
const certificate = new acme.AcmeCertificate("sets", {
  account,
  order,
  keyType: (config.get("key") ?? "P256") as acme.KeyType,
  propagation: { check: "resolvers", resolvers: [config.require("resolver")] },
}, { dependsOn: sets });
export const fullchainPem = certificate.fullchainPem;
export const renewAt = certificate.renewAt;
export const orderRenewAt = order.renewAt;
`;

let pebble: Pebble;
let stack: Stack;

beforeAll(async () => {
  pebble = await startPebble();
  const { directoryUrl, caBundlePem } = pebble;
  stack = await createStack(program, {
    config: {
      directoryUrl,
      caBundlePem,
      dns: pebble.dns.managementUrl,
      resolver: pebble.dns.dnsAddress,
    },
  });
});

afterAll(async () => {
  await stack.stop();
  await pebble.stop();
});

describe("an order whose records are sets", () => {
  it("has one for a name and its wildcard, and the certificate is issued by one up", async () => {
    const { changes } = await stack.up();
    // Stack, account, order, two sets, certificate.
    expect(changes).toEqual({ create: 6 });
    const { fullchainPem } = await stack.outputs();
    expect(new X509Certificate(fullchainPem as string).subjectAltName).toBe(
      "DNS:*.example.com, DNS:example.com, DNS:www.example.org",
    );
  });

  it("is silent once a refresh has seen the certificate: no request in any later up", async () => {
    await stack.up({ refresh: true });
    const before = pebble.requests().length;
    const { changes } = await stack.up();
    expect(changes).toEqual({ same: 6 });
    expect(pebble.requests().length).toBe(before);
    const { renewAt, orderRenewAt } = await stack.outputs();
    expect(orderRenewAt).toBe(renewAt);
  });

  it("is replaced in place by its triggers, for another key", async () => {
    await stack.setConfig("key", "P384");
    const { changes } = await stack.up();
    // Order, certificate and record sets; but Pebble sometimes takes an authorization as proven all the same.
    expect(changes["update"]).toBeGreaterThanOrEqual(2);
    expect((changes["update"] ?? 0) + (changes["same"] ?? 0)).toBe(6);
    const { fullchainPem } = await stack.outputs();
    const { asymmetricKeyDetails } = new X509Certificate(fullchainPem as string).publicKey;
    expect(asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
  });

  it("leaves no secret in clear in the state", async () => {
    const { text } = await stack.exportState();
    expect(text).not.toContain("PRIVATE KEY");
  });
});
