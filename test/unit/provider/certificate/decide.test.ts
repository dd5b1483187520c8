import { describe, expect, it } from "vitest";

import { storedCertificateArguments } from "../../../../sdk/provider/certificate/arguments";
import { decide } from "../../../../sdk/provider/certificate/decide";
import type { CertificateState } from "../../../../sdk/provider/certificate/state";
import type { CertificateArguments } from "../../../../sdk/issuance/arguments";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const NOW = Date.parse("2026-06-01T00:00:00Z");

const wanted: CertificateArguments = {
  account: {
    directoryUrl: "https://ca.example/dir",
    accountUrl: "https://ca.example/a/1",
    accountKeyPem: "key",
  },
  dnsNames: ["a.example.com", "b.example.com"],
  solvers: [{ http01: { stateless: true } }],
};

const state: CertificateState = {
  __arguments: storedCertificateArguments(wanted),
  fullchainPem: "chain",
  notBefore: "2026-05-01T00:00:00Z",
  notAfter: "2026-07-30T00:00:00Z",
  renewAt: "2026-06-30T00:00:00Z",
};

const decideWith = (changes: Partial<CertificateArguments>, now = NOW) =>
  decide(state, { ...wanted, ...changes }, now);

describe("a certificate that is there", () => {
  it("needs nothing while neither arguments nor time have changed", () => {
    expect(decideWith({})).toEqual({ action: "none" });
  });

  it.each<[string, Partial<CertificateArguments>, string]>([
    [
      "a name",
      { dnsNames: ["a.example.com", "b.example.com", "www.example.com"] },
      "name added www.example.com",
    ],
    ["fewer names", { dnsNames: ["a.example.com"] }, "name removed b.example.com"],
    ["an address", { ipAddresses: ["192.0.2.1"] }, "name added 192.0.2.1"],
    [
      "another CA",
      { account: { ...wanted.account, directoryUrl: "https://other.example/dir" } },
      "another CA",
    ],
    ["a key type", { keyType: "RSA2048" }, "key type RSA2048"],
    ["an own key", { privateKeyPem: "mine" }, "privateKeyPem changed"],
    ["a profile", { profile: "shortlived" }, "profile changed"],
    ["triggers", { triggers: [1] }, "triggers changed"],
    ["must-staple", { mustStaple: true }, "mustStaple changed"],
  ])("is issued anew for %s", (_what, change, reason) => {
    expect(decideWith(change)).toEqual({ action: "issue", reason: `issues anew: ${reason}` });
  });

  it("is not issued anew for the default written out", () => {
    expect(decideWith({ keyType: "P256" })).toEqual({ action: "none" });
    expect(decideWith({ mustStaple: false, triggers: [] })).toEqual({ action: "none" });
  });

  it.each<[string, Partial<CertificateArguments>, string]>([
    ["solvers", { solvers: [{ http01: { listener: {} } }] }, "solvers"],
    ["the account's key", { account: { ...wanted.account, accountKeyPem: "rolled" } }, "account"],
    [
      "another account at the same CA",
      { account: { ...wanted.account, accountUrl: "https://ca.example/a/2" } },
      "account",
    ],
    ["renewBefore", { renewBefore: "10d" }, "renewBefore"],
    ["timeout", { timeout: "1m" }, "timeout"],
    ["keyPolicy", { keyPolicy: "reuse" }, "keyPolicy"],
    ["pkcs12Password", { pkcs12Password: "x" }, "pkcs12Password"],
  ])("stays when only %s changes, and takes it over", (_what, change, setting) => {
    expect(decideWith(change)).toEqual({
      action: "settings",
      reason: `takes over ${setting}; the certificate stays`,
    });
  });

  it("fetches another chain without an order", () => {
    expect(decideWith({ preferredChain: "Root X" }).action).toBe("switchChain");
  });

  it("does not care for `existing` after its creation", () => {
    expect(decideWith({ existing: { fullchainPem: "x", privateKeyPem: "y" } })).toEqual({
      action: "none",
    });
  });
});

describe("what is not known yet in a preview", () => {
  it("counts as a change of names", () => {
    expect(decideWith({ dnsNames: ["a.example.com", UNKNOWN] }).action).toBe("issue");
  });

  it("is no change in an account at the same CA: else an account's update shows everywhere", () => {
    const account = { ...wanted.account, accountUrl: UNKNOWN, accountKeyPem: UNKNOWN };
    expect(decideWith({ account })).toEqual({ action: "none" });
  });

  it("is no change in solvers", () => {
    expect(decideWith({ solvers: UNKNOWN as never })).toEqual({ action: "none" });
  });
});

describe("the time has come", () => {
  const later = Date.parse("2026-07-17T00:00:00Z");

  it("it renews and says how much is left", () => {
    expect(decideWith({}, later)).toEqual({ action: "renew", reason: "renews: 13 days left" });
  });

  it("it says so when it has expired", () => {
    expect(decideWith({}, Date.parse("2026-07-31T00:00:00Z"))).toEqual({
      action: "renew",
      reason: "renews: expired 1 day ago",
    });
  });

  it("it names the CA's explanation", () => {
    const renewalInfo = {
      certId: "x.y",
      windowStart: "2026-05-20T00:00:00Z",
      windowEnd: "2026-05-21T00:00:00Z",
      explanationUrl: "https://ca.example/why",
      checkedAt: "2026-05-20T00:00:00Z",
      nextCheckAt: "2026-05-20T06:00:00Z",
    };
    const asked = { ...state, renewAt: "2026-05-20T12:00:00Z", renewalInfo };
    const decision = decide(asked, wanted, NOW);
    expect(decision.action).toBe("renew");
    expect(decision).toHaveProperty(
      "reason",
      expect.stringContaining("the CA asks for it, see https://ca.example/why"),
    );
  });

  it("it is quiet after a failure until the next attempt", () => {
    const lastFailure = { at: "", message: "", nextAttemptAt: "2026-07-17T01:00:00Z" };
    const patient = { ...wanted, toleratesFailureUntil: "10d" };
    const failed = { ...state, __arguments: storedCertificateArguments(patient), lastFailure };
    expect(decide(failed, patient, later)).toEqual({ action: "none" });
    expect(decide(failed, patient, later + 3_600_000).action).toBe("renew");
  });

  it("it waits no longer once too little validity is left: silence would look like success", () => {
    const lastFailure = { at: "", message: "", nextAttemptAt: "2026-07-17T23:00:00Z" };
    expect(decide({ ...state, lastFailure }, wanted, later).action).toBe("renew");
  });

  it("what the user changed goes first, whatever failed before", () => {
    const lastFailure = { at: "", message: "", nextAttemptAt: "2027-01-01T00:00:00Z" };
    expect(decide({ ...state, lastFailure }, { ...wanted, triggers: ["now"] }, later).action).toBe(
      "issue",
    );
  });
});

describe("a state without a certificate", () => {
  it("is issued for, whatever it holds", () => {
    const pending = { request: "x", directoryUrl: "", accountUrl: "" };
    expect(decide({ __state: { pending } }, wanted, NOW).action).toBe("issue");
  });
});
