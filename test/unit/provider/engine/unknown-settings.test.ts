/** Renewal settings that are not known in a preview: the decision is made by the ones of before. */
import { describe, expect, it } from "vitest";

import type { CertificateArguments, OrderArguments } from "../../../../sdk/issuance/arguments";
import { storedCertificateArguments } from "../../../../sdk/provider/certificate/arguments";
import { decide } from "../../../../sdk/provider/certificate/decide";
import type { CertificateState } from "../../../../sdk/provider/certificate/state";
import { decideWithOutcome, decideOrder } from "../../../../sdk/provider/order/decide";
import type { OrderState } from "../../../../sdk/provider/order/state";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const DAY = 86_400_000;
const now = Date.parse("2026-06-01T00:00:00Z");
const at = (days: number): string => new Date(now + days * DAY).toISOString();
const account = {
  directoryUrl: "https://ca.example/dir",
  accountUrl: "https://ca.example/a/1",
  accountKeyPem: "KEY",
};
const lastFailure = { at: at(-1), message: "no", nextAttemptAt: at(1) };

describe("a certificate whose renewal has failed", () => {
  const wanted: CertificateArguments = { account, dnsNames: ["a.example"], renewBefore: "30d" };
  const state: CertificateState = {
    __arguments: storedCertificateArguments(wanted),
    fullchainPem: "chain",
    notBefore: at(-70),
    notAfter: at(20),
    renewAt: at(-1),
    lastFailure,
  };

  it.each(["renewBefore", "toleratesFailureUntil"])("waits, whatever %s will be", (setting) => {
    expect(decide(state, { ...wanted, [setting]: UNKNOWN }, now)).toEqual({ action: "none" });
  });
});

describe("an order", () => {
  const wanted: OrderArguments = { account, dnsNames: ["a.example"], challenge: "dns-01" };
  const state: OrderState = {
    __arguments: wanted,
    orderUrl: "https://ca.example/o/1",
    __state: { accountUrl: account.accountUrl },
    status: "pending",
  };
  const certificate = {
    orderUrl: "https://ca.example/o/1",
    issuedBy: account.accountUrl,
    notBefore: at(-10),
    notAfter: at(80),
    fingerprintSha256: "00",
  };
  const unknown: OrderArguments = { ...wanted, renewBefore: UNKNOWN };

  it("that led to a certificate is left alone before its time", () => {
    expect(decideWithOutcome(state, { kind: "issued", certificate }, unknown, now).action).toBe(
      "none",
    );
  });

  it("whose renewal has failed waits", () => {
    const failed = {
      ...state,
      renewAt: at(-1),
      lastFailure,
      __state: { ...state.__state, certificate },
    };
    expect(decideOrder(failed, unknown, now).action).toBe("none");
  });
});
