import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import { caaRecordsFor } from "../../../sdk/resources/caa";
import { persistentRecordFor } from "../../../sdk/resources/persistent-record";
import { tlsaRecordFor } from "../../../sdk/resources/tlsa";
import { mockEngine, valueOf } from "../../support/engine/registrations";
import { createIssuer, issueLeaf } from "../../support/x509/chain-fixture";

const facts = {
  directoryUrl: "https://ca.test/dir",
  accountUrl: "https://ca.test/account/1",
  caaIdentities: ["ca.test"],
  methods: undefined,
};

const FOREIGN_ACCOUNTS = [
  "https://acme-v02.api.letsencrypt.org/acme/acct/666",
  "https://ca.test:8443/account/1",
  "http://ca.test/account/1",
  "https://ca.test@evil.example/account/1",
  "https://ca.test/account/1; validationmethods=http-01",
  'https://ca.test/account/1"',
  "no URL",
];

describe("CAA records for one account (RFC 8657)", () => {
  it("name the CA and the account", () => {
    expect(caaRecordsFor("example.com", facts)).toEqual([
      {
        name: "example.com",
        type: "CAA",
        flags: 0,
        tag: "issue",
        value: "ca.test; accounturi=https://ca.test/account/1",
      },
    ]);
  });

  it("name the challenge types that are allowed", () => {
    const [record] = caaRecordsFor("example.com", { ...facts, methods: ["http-01", "dns-01"] });
    expect(record?.value).toBe(
      "ca.test; accounturi=https://ca.test/account/1; validationmethods=http-01,dns-01",
    );
  });

  it("are one for each identity of the CA", () => {
    const records = caaRecordsFor("example.com", { ...facts, caaIdentities: ["a.test", "b.test"] });
    expect(records.map(({ value }) => value.split(";")[0])).toEqual(["a.test", "b.test"]);
  });

  it("have the tag issuewild at the name below a wildcard", () => {
    expect(caaRecordsFor("*.example.com", facts)).toMatchObject([
      { name: "example.com", tag: "issuewild" },
    ]);
  });

  it.each([
    ["Bücher.example", "xn--bcher-kva.example"],
    ["EXAMPLE.com.", "example.com"],
  ])("write the name %s as %s", (written, name) => {
    expect(caaRecordsFor(written, facts)[0]?.name).toBe(name);
  });

  it("cannot be written for a CA that does not say its name", () => {
    expect(() => caaRecordsFor("example.com", { ...facts, caaIdentities: [] })).toThrow(
      /the CA at https:\/\/ca\.test\/dir does not say by which name/,
    );
  });

  it.each([
    ["letsencrypt.org; accounturi=https://evil.example/1"],
    ["a.test\nb.test"],
    ['a"b.test'],
    [""],
    ["two words"],
  ])("are not written for a CA that calls itself %j", (identity) => {
    expect(() => caaRecordsFor("example.com", { ...facts, caaIdentities: [identity] })).toThrow(
      `caaRecords for example.com: the CA at https://ca.test/dir calls itself ${JSON.stringify(identity)}, which is not a DNS name`,
    );
  });

  it.each(FOREIGN_ACCOUNTS)(
    "are not written for the account %j, which may be another CA's",
    (url) => {
      expect(() => caaRecordsFor("example.com", { ...facts, accountUrl: url })).toThrow(
        `gives the account the URL ${JSON.stringify(url)}, which is not one of its own`,
      );
    },
  );

  it("are refused for an empty list of methods, which would forbid every method", () => {
    expect(() => caaRecordsFor("example.com", { ...facts, methods: [] })).toThrow(
      /methods is empty/,
    );
  });

  it("come from the account's outputs", async () => {
    await mockEngine(() => ({ accountUrl: facts.accountUrl, caaIdentities: facts.caaIdentities }));
    const account = new acme.AcmeAccount("a", { directoryUrl: facts.directoryUrl });

    const records = await valueOf(
      account.caaRecords(pulumi.output("example.com"), { methods: ["dns-01"] }),
    );

    expect(records).toEqual(caaRecordsFor("example.com", { ...facts, methods: ["dns-01"] }));
  });
});

describe("the record of dns-persist-01", () => {
  it("comes from the account's outputs", async () => {
    await mockEngine(() => ({ accountUrl: facts.accountUrl, caaIdentities: facts.caaIdentities }));
    const account = new acme.AcmeAccount("a", { directoryUrl: facts.directoryUrl });
    expect(await valueOf(account.persistentDnsRecord("example.com"))).toMatchObject({
      name: "_validation-persist.example.com",
      value: "ca.test; accounturi=https://ca.test/account/1",
    });
  });

  it.each(FOREIGN_ACCOUNTS)(
    "is not written for the account %j, which may be another CA's",
    (url) => {
      expect(() => persistentRecordFor("example.com", { ...facts, accountUrl: url }, {})).toThrow(
        `persistentDnsRecord for example.com: the CA at ${facts.directoryUrl} gives the account the URL`,
      );
    },
  );
});

describe("a TLSA record (RFC 6698)", () => {
  const digest = createHash("sha256").update("a public key").digest();

  it("pins the public key by SHA-256, in hex", () => {
    expect(tlsaRecordFor(25, "mail.example.com.", [], digest.toString("base64"))).toEqual({
      name: "_25._tcp.mail.example.com",
      type: "TLSA",
      usage: 3,
      selector: 1,
      matchingType: 1,
      data: digest.toString("hex"),
      value: `3 1 1 ${digest.toString("hex")}`,
    });
  });

  it("is for the certificate's first name that is no wildcard", () => {
    const record = tlsaRecordFor(443, undefined, ["*.example.com", "example.com"], "");
    expect(record.name).toBe("_443._tcp.example.com");
  });

  it("needs a host where all names are wildcards", () => {
    expect(() => tlsaRecordFor(443, undefined, ["*.example.com"], "")).toThrow(/give the host/);
  });

  it("comes from the certificate's outputs", async () => {
    const leaf = await issueLeaf(await createIssuer("root"), { dnsNames: ["example.com"] });
    await mockEngine(() => ({ dnsNames: ["example.com"], fullchainPem: leaf.pem }));
    const certificate = new acme.AcmeCertificate("c", {
      account: { directoryUrl: "u", accountUrl: "u", accountKeyPem: "k" },
      dnsNames: ["example.com"],
    });

    expect(await valueOf(certificate.tlsaRecord(443).value)).toBe(
      `3 1 1 ${Buffer.from(leaf.publicKeySha256, "base64").toString("hex")}`,
    );
    expect(await valueOf(certificate.tlsaRecord(443, "www.example.com").name)).toBe(
      "_443._tcp.www.example.com",
    );
  });
});

describe("bundlePem", () => {
  const make = (): acme.AcmeCertificate =>
    new acme.AcmeCertificate("c", {
      account: { directoryUrl: "u", accountUrl: "u", accountKeyPem: "k" },
      dnsNames: ["example.com"],
    });

  it("is the chain and the key, and secret", async () => {
    await mockEngine(() => ({ fullchainPem: "CHAIN\n", privateKeyPem: "KEY\n" }));

    const bundle = make().bundlePem();

    expect(await valueOf(bundle)).toBe("CHAIN\nKEY\n");
    expect(await pulumi.isSecret(bundle)).toBe(true);
  });
});
