import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import { cloudflareRecords } from "../../../sdk/components/cloudflare";
import {
  clear,
  mockEngine,
  type Registered,
  registrationOf,
  valueOf,
} from "../../support/engine/registrations";

const account = {
  directoryUrl: "https://ca.test/dir",
  accountUrl: "https://ca.test/1",
  accountKeyPem: "KEY",
};

class DnsRecord extends pulumi.CustomResource {
  constructor(record: acme.DnsChallengeRecord, opts: pulumi.CustomResourceOptions) {
    super("test:index:DnsRecord", record.key, { name: record.name, value: record.value }, opts);
  }
}

let registered: Registered[];
beforeEach(async () => {
  registered = await mockEngine(({ type, inputs }) => {
    if (type.endsWith(":AcmeCertificate"))
      return { fullchainPem: "CHAIN", privateKeyPem: "PRIVATE" };
    if (!type.endsWith(":AcmeOrder")) return {};
    const dnsNames = inputs["dnsNames"] as string[];
    return {
      orderUrl: "https://ca.test/order/1",
      challenges: dnsNames.map((dnsName) => ({ dnsName, name: "", value: `value of ${dnsName}` })),
    };
  });
});

/** A component's outputs are registered at the very end: the next test's engine knows nothing of it. */
afterEach(() => pulumi.runtime.disconnect());

function make(changes: Partial<acme.DnsCertificateArgs> = {}): acme.DnsCertificate {
  return new acme.DnsCertificate("wild", {
    account,
    dnsNames: ["example.com", "*.example.com"],
    createRecord: (record, opts) => new DnsRecord(record, opts),
    ...changes,
  });
}

/** The inputs of the order and of the certificate. */
async function inputsOf(
  made: acme.DnsCertificate,
): Promise<[Registered["inputs"], Registered["inputs"]]> {
  await valueOf(made.certificate.urn);
  const of = (type: string): Registered["inputs"] =>
    registered.find((seen) => seen.type.endsWith(type))?.inputs ?? {};
  return [of(":AcmeOrder"), of(":AcmeCertificate")];
}

describe("a DnsCertificate", () => {
  it("is an order, a record for each name, and a certificate that comes after them", async () => {
    const made = make();
    await valueOf(made.certificate.urn);
    expect(registered.map(({ type, name }) => [type.split(":").at(-1), name])).toEqual([
      ["DnsCertificate", "wild"],
      ["AcmeOrder", "wild"],
      ["DnsRecord", "wild-example.com"],
      ["DnsRecord", "wild-_wildcard.example.com"],
      ["AcmeCertificate", "wild"],
    ]);
    expect(made.records).toHaveLength(2);
    expect(registered[2]?.inputs).toMatchObject({
      name: "_acme-challenge.example.com",
      value: "value of example.com",
    });
    expect(await valueOf(made.urn)).toContain("::acme:index:DnsCertificate::wild");
    expect(await valueOf(made.certificate.urn)).toContain("acme:index:DnsCertificate$");
    expect(await valueOf((made.records[0] as DnsRecord).urn)).toContain(
      "acme:index:DnsCertificate$",
    );
  });

  it("gives the time of renewal and the profile to the order, and the rest to the certificate", async () => {
    const made = make({
      renewBefore: "10d",
      useRenewalInfo: false,
      profile: "shortlived",
      profileRequired: true,
      notAfter: "2030-01-01T00:00:00Z",
      keyPolicy: "reuse",
      propagation: { check: "none" },
    });
    const [order, certificate] = await inputsOf(made);
    expect(order).toMatchObject({
      renewBefore: "10d",
      useRenewalInfo: false,
      profile: "shortlived",
      profileRequired: true,
      notAfter: "2030-01-01T00:00:00Z",
      challenge: "dns-01",
    });
    for (const name of [
      "renewBefore",
      "useRenewalInfo",
      "profileRequired",
      "notAfter",
      "dnsNames",
    ]) {
      expect(certificate).not.toHaveProperty(name);
    }
    expect(certificate).toMatchObject({ keyPolicy: "reuse", propagation: { check: "none" } });
    expect(certificate).not.toHaveProperty("createRecord");
  });

  it.each<[string, Partial<acme.DnsCertificateArgs>]>([
    ["keyType", { keyType: "P384" }],
    ["privateKeyPem", { privateKeyPem: "OTHER KEY" }],
    ["commonName", { commonName: "example.com" }],
    ["mustStaple", { mustStaple: true }],
    ["triggers", { triggers: ["own"] }],
  ])("has its order depend on %s", async (_name, change) => {
    const [before] = await inputsOf(make());
    registered.length = 0;
    const [after] = await inputsOf(make(change));
    expect(clear(after["triggers"])).not.toEqual(clear(before["triggers"]));
    expect(JSON.stringify(after)).not.toContain("OTHER KEY");
  });

  it("does not order anew for the key type that is the default", async () => {
    const [before] = await inputsOf(make());
    registered.length = 0;
    const [after] = await inputsOf(make({ keyType: "P256" }));
    expect(after["triggers"]).toEqual(before["triggers"]);
  });

  it("is a certificate reference", async () => {
    const deployment = new acme.CertificateDeployment("d", {
      certificate: make(),
      connection: "local",
    });
    const { inputs } = await registrationOf(registered, deployment, "d");
    expect(JSON.stringify(inputs["certificate"])).toContain("CHAIN");
  });
});

describe("pulumi-acme/cloudflare", () => {
  it("makes a DnsRecord for each name, of the provider that the component has", async () => {
    const made = make({ createRecord: cloudflareRecords({ zoneId: "zone" }) });
    await valueOf(made.certificate.urn);
    const records = registered.filter(({ type }) => type.startsWith("cloudflare:"));
    expect(records.map(({ inputs }) => inputs)).toEqual([
      {
        zoneId: "zone",
        name: "_acme-challenge.example.com",
        type: "TXT",
        content: "value of example.com",
        ttl: 60,
      },
      {
        zoneId: "zone",
        name: "_acme-challenge.example.com",
        type: "TXT",
        content: "value of *.example.com",
        ttl: 60,
      },
    ]);
  });
});
