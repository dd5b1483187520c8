import { describe, expect, it } from "vitest";

import { checkOrder } from "../../../../sdk/provider/order/check";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const account = {
  directoryUrl: "https://ca.example/dir",
  accountUrl: "https://ca.example/a/1",
  accountKeyPem: "-----BEGIN PRIVATE KEY-----\nsecret\n",
};
const minimal = { account, dnsNames: ["example.com"], challenge: "dns-01" };

function failuresOf(changes: Record<string, unknown>): string[] {
  return checkOrder({ ...minimal, ...changes }).failures.map(
    ({ path, reason }) => `${path}: ${reason}`,
  );
}

describe("the arguments of an order", () => {
  it("are right when they are minimal", () => {
    expect(failuresOf({})).toEqual([]);
  });

  it("come back normalised, the account's key as a secret", () => {
    const dnsNames = ["*.Example.com.", "bücher.example", "example.com", "example.com"];
    const { inputs } = checkOrder({ ...minimal, dnsNames });
    expect(inputs["dnsNames"]).toEqual(["*.example.com", "example.com", "xn--bcher-kva.example"]);
    const { accountKeyPem } = inputs["account"] as Record<string, unknown>;
    expect(accountKeyPem).toMatchObject({ value: account.accountKeyPem });
  });

  it("may be unknown in a preview", () => {
    expect(failuresOf({ account: UNKNOWN, profile: UNKNOWN, triggers: [UNKNOWN] })).toEqual([]);
    expect(failuresOf({ account: { ...account, accountKeyPem: UNKNOWN } })).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["no names", { dnsNames: [] }, "dnsNames: needs at least one name"],
    [
      "a bad name, by its place",
      { dnsNames: ["good.example", "a..b"] },
      'dnsNames[1]: "a..b" is not a DNS name: it has an empty label',
    ],
    [
      "an address",
      { dnsNames: ["192.0.2.1"] },
      'dnsNames[0]: "192.0.2.1" is an IP address; it belongs into ipAddresses',
    ],
    [
      "a wildcard by http-01",
      { dnsNames: ["*.example.com"], challenge: "http-01" },
      'challenge: cannot prove the wildcard *.example.com: only "dns-01" can',
    ],
    [
      "a challenge that data cannot answer",
      { challenge: "dns-1" },
      'challenge: must be one of dns-01 and http-01; did you mean "dns-01"?',
    ],
    [
      "an argument that does not exist",
      { solvers: [] },
      "solvers: unknown argument; known are account, dnsNames, challenge, profile, profileRequired, notBefore, notAfter, renewBefore, useRenewalInfo and triggers",
    ],
    [
      "a profile that is required and not said",
      { profileRequired: true },
      "profileRequired: says nothing without a profile",
    ],
    [
      "a margin that is none",
      { renewBefore: "soon" },
      'renewBefore: must be a duration such as "30d", or a share of the lifetime such as "33%"',
    ],
    [
      "the whole lifetime for a margin",
      { renewBefore: "100%" },
      "renewBefore: must be less than 100%: with the whole lifetime every run would renew",
    ],
  ])("%s is an error", (_what, change, message) => {
    expect(failuresOf(change)).toEqual([message]);
  });
});
