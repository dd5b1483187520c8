/** The permanent record of dns-persist-01, in each draft that CAs speak. */
import { describe, expect, it } from "vitest";

import { accountHashUri, persistentDnsRecord } from "../../../../sdk/challenges/dns-persist-01";
import {
  expectedRecord,
  type PersistFacts,
} from "../../../../sdk/challenges/dns-persist-01/expectation";

const accountUrl = "https://ca.example/acct/123";
const thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
const base: PersistFacts = {
  domain: "example.com",
  wildcard: false,
  accountUrl,
  thumbprint,
  issuerDomainNames: ["authority.example"],
};
const drafts: Record<string, PersistFacts> = {
  "-00, by the account's URL": base,
  "-01, by the challenge's account URI": { ...base, accountUri: "https://ca.example/other/123" },
  "-02, by a hash": { ...base, accountHashPrefix: "https://ca.example/account-hash/" },
};
const records = {
  "-00, by the account's URL": `authority.example; accounturi=${accountUrl}`,
  "-01, by the challenge's account URI":
    "authority.example; accounturi=https://ca.example/other/123",
  // The example of draft -02, §10.2.
  "-02, by a hash":
    "authority.example; accounturi=https://ca.example/account-hash/sha-256/5SQm7n6tPh2-PlLbCKGnViTXX5z19SCN4cPGQHSk-kw",
};

describe("a permanent record", () => {
  it.each(Object.entries(records))("is what draft %s, asks for", (draft, value) => {
    const facts = drafts[draft] ?? base;
    const expected = expectedRecord(facts);
    expect(expected.name).toBe("_validation-persist.example.com");
    expect(expected.example).toBe(value);
    expect(expected.objection(value, Date.now())).toBeUndefined();
    for (const other of Object.values(records).filter((each) => each !== value)) {
      expect(expected.objection(other, Date.now())).toBe("it is another account's");
    }
  });

  it("may be bound to any domain by draft -02", () => {
    const uri = accountHashUri("urn:x:", "*", thumbprint, accountUrl);
    expect(uri).toBe("urn:x:sha-256/NpDnSwUthQK8zCgFdefYxAdAVPnygMLbs9US6oO-5ug");
    const expected = expectedRecord({ ...base, accountHashPrefix: "urn:x:" });
    expect(expected.objection(`authority.example; accounturi=${uri}`, 0)).toBeUndefined();
  });

  it("is written for a name, its wildcard and a time", () => {
    const facts = { issuerDomainName: "Authority.Example", accountUri: accountUrl };
    expect(persistentDnsRecord("Bücher.example.", facts)).toEqual({
      name: "_validation-persist.xn--bcher-kva.example",
      type: "TXT",
      value: `authority.example; accounturi=${accountUrl}`,
    });
    expect(
      persistentDnsRecord("*.example.com", {
        ...facts,
        wildcard: true,
        persistUntil: "2030-01-01T00:00:00Z",
      }),
    ).toEqual({
      name: "_validation-persist.example.com",
      type: "TXT",
      value: `authority.example; accounturi=${accountUrl}; policy=wildcard; persistUntil=1893456000`,
    });
  });

  it("does not allow a wildcard, nor what cannot be written, unless that is said", () => {
    const facts = { issuerDomainName: "ca.example", accountUri: accountUrl };
    expect(() => persistentDnsRecord("*.example.com", facts)).toThrow("say wildcard: true");
    expect(() => persistentDnsRecord("a b", facts)).toThrow("is not a DNS name");
    expect(() => persistentDnsRecord("a.example", { ...facts, persistUntil: "soon" })).toThrow(
      'persistUntil "soon" is not an RFC 3339 instant',
    );
    expect(() => persistentDnsRecord("a.example", { ...facts, accountUri: "a; b" })).toThrow(
      "cannot be written into a record",
    );
  });

  it.each([
    ["another.example; accounturi=https://ca.example/acct/123", "it is another CA's"],
    ["authority.example", "it is another account's"],
    ["authority.example; accounturi=https://ca.example/acct/123;", "it cannot be read"],
    ["authority.example; ; accounturi=https://ca.example/acct/123", "it cannot be read"],
    ["v=spf1 -all", "it cannot be read"],
    [
      "authority.example; accounturi=https://ca.example/acct/123; ACCOUNTURI=x",
      "it has a parameter twice",
    ],
    [
      "authority.example; accounturi=https://ca.example/acct/123; persistUntil=1000",
      "its persistUntil has passed",
    ],
    [
      "authority.example; accounturi=https://ca.example/acct/123; persistUntil=soon",
      "its persistUntil is not a number",
    ],
    ["AUTHORITY.example;accounturi = https://ca.example/acct/123;x=y", undefined],
    ["authority.example; accounturi=https://ca.example/acct/123; persistUntil=1001", undefined],
  ])("is read as CAs read it: %s", (text, objection) => {
    expect(expectedRecord(base).objection(text, 1_000_000)).toBe(objection);
  });

  it("has to allow the wildcard that is asked for", () => {
    const expected = expectedRecord({ ...base, wildcard: true });
    const plain = `authority.example; accounturi=${accountUrl}`;
    expect(expected.example).toBe(`${plain}; policy=wildcard`);
    expect(expected.objection(plain, 0)).toBe(
      "it does not allow the wildcard: it lacks policy=wildcard",
    );
    expect(expected.objection(`${plain}; Policy=WildCard`, 0)).toBeUndefined();
  });

  it.each([
    [[], "0 issuer-domain-names"],
    [Array.from({ length: 11 }, (_, i) => `ca${String(i)}.example`), "11 issuer-domain-names"],
    [["CA.example"], "issuer-domain-names with one that is not a lower-case DNS name"],
    [["ca.example."], "issuer-domain-names with one that is not a lower-case DNS name"],
    [["letsencrypt.org; x=y"], "issuer-domain-names with one that is not a lower-case DNS name"],
  ])("is refused for a challenge with issuer names %j", (issuerDomainNames, words) => {
    expect(() => expectedRecord({ ...base, issuerDomainNames })).toThrow(words);
  });

  it("is not asked for where the challenge is for an account at another CA", () => {
    const accountUri = "https://acme-v02.api.letsencrypt.org/acme/acct/666";
    expect(() => expectedRecord({ ...base, accountUri })).toThrow(
      `the CA's challenge is for the account ${accountUri}, and the account is ${accountUrl}`,
    );
  });
});
