import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import { azureRecords } from "../../../sdk/components/azure";
import { cloudflareRecords } from "../../../sdk/components/cloudflare";
import { digitaloceanRecords } from "../../../sdk/components/digitalocean";
import { gcpRecords } from "../../../sdk/components/gcp";
import { hetznerRecords } from "../../../sdk/components/hetzner";
import { relativeTo } from "../../../sdk/components/relative-name";
import { route53Records } from "../../../sdk/components/route53";
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

type Creator = acme.OneOf<acme.RecordCreators>;

function make(
  changes: Partial<acme.DnsCertificateSettings> = {},
  creator: Creator = { createRecord: (record, opts) => new DnsRecord(record, opts) },
): acme.DnsCertificate {
  const dnsNames = ["example.com", "*.example.com"];
  return new acme.DnsCertificate("wild", { account, dnsNames, ...changes, ...creator });
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

  it.each<[string, Partial<acme.DnsCertificateSettings>]>([
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

describe("how the records are created", () => {
  it("must be said, and in one way", () => {
    const createRecord = () => account as never;
    for (const creator of [{}, { createRecord, createRecordSet: createRecord }]) {
      expect(() => make({}, creator as unknown as Creator)).toThrow(
        'DnsCertificate "wild": exactly one of createRecord and createRecordSet must be given',
      );
    }
  });
});

/** What a helper made of a name and its wildcard. */
async function recordsOf(creator: Creator, provider: string): Promise<Registered[]> {
  const made = make({}, creator);
  await valueOf(made.certificate.urn);
  return registered.filter(({ type }) => type.startsWith(`${provider}:`));
}

const VALUES = ["value of *.example.com", "value of example.com"];
const QUOTED = VALUES.map((value) => `"${value}"`);

describe("the helpers that create a record for each name", () => {
  it.each<[string, acme.CreateRecord, string, object]>([
    [
      "cloudflare",
      cloudflareRecords({ zoneId: "zone" }),
      "cloudflare:index/dnsRecord:DnsRecord",
      { zoneId: "zone", name: "_acme-challenge.example.com", content: "value of example.com" },
    ],
    [
      "digitalocean",
      digitaloceanRecords({ domain: "example.com" }),
      "digitalocean:index/dnsRecord:DnsRecord",
      { domain: "example.com", name: "_acme-challenge", value: "value of example.com" },
    ],
  ])("%s", async (provider, createRecord, type, inputs) => {
    const [record, ofWildcard, ...more] = await recordsOf({ createRecord }, provider);
    expect(record).toMatchObject({ type, name: "wild-example.com" });
    expect(record?.inputs).toEqual({ type: "TXT", ttl: 60, ...inputs });
    expect(JSON.stringify(ofWildcard?.inputs)).toContain("value of *.example.com");
    expect(more).toEqual([]);
  });
});

describe("the helpers that create a record set for a name and its wildcard", () => {
  it.each<[string, acme.CreateRecordSet, string, object]>([
    [
      "aws",
      route53Records({ zoneId: "Z1" }),
      "aws:route53/record:Record",
      { zoneId: "Z1", name: "_acme-challenge.example.com", type: "TXT", records: VALUES },
    ],
    [
      "azure-native",
      azureRecords({ resourceGroupName: "group", zoneName: pulumi.output("Example.com") }),
      "azure-native:dns:RecordSet",
      {
        resourceGroupName: "group",
        zoneName: "Example.com",
        relativeRecordSetName: "_acme-challenge",
        recordType: "TXT",
        txtRecords: VALUES.map((value) => ({ value: [value] })),
      },
    ],
    [
      "gcp",
      gcpRecords({ managedZone: "zone", project: "p" }),
      "gcp:dns/recordSet:RecordSet",
      {
        managedZone: "zone",
        project: "p",
        name: "_acme-challenge.example.com.",
        type: "TXT",
        rrdatas: QUOTED,
      },
    ],
    [
      "hcloud",
      hetznerRecords({ zone: pulumi.output("Example.com") }),
      "hcloud:index/zoneRrset:ZoneRrset",
      {
        zone: "Example.com",
        name: "_acme-challenge",
        type: "TXT",
        records: QUOTED.map((value) => ({ value })),
      },
    ],
  ])("%s", async (provider, createRecordSet, type, inputs) => {
    const [set, ...more] = await recordsOf({ createRecordSet }, provider);
    expect(set).toMatchObject({ type, name: "wild-example.com" });
    expect(set?.inputs).toMatchObject({ ttl: 60, ...inputs });
    expect(more).toEqual([]);
  });
});

describe("a name relative to its zone", () => {
  it("is what stands before it", () => {
    expect(relativeTo("Example.com", "_acme-challenge.a.example.com")).toBe("_acme-challenge.a");
  });

  it("is @ for the zone itself, such as a delegated _acme-challenge.example.com", () => {
    expect(relativeTo("_acme-challenge.example.com", "_acme-challenge.example.com")).toBe("@");
  });

  it("of another zone is an error that names both", () => {
    expect(() => relativeTo("example.com", "_acme-challenge.notexample.com")).toThrow(
      "_acme-challenge.notexample.com is not in the zone example.com",
    );
  });
});
