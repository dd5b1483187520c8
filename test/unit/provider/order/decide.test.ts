import { describe, expect, it } from "vitest";

import { decideWithOutcome, decideOrder } from "../../../../sdk/provider/order/decide";
import type { OrderOutcome } from "../../../../sdk/issuance/order-outcome";
import type { OrderArguments } from "../../../../sdk/issuance/arguments";
import type { OrderPrivateState, OrderState } from "../../../../sdk/provider/order/state";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const DAY = 86_400_000;
const now = Date.parse("2026-06-01T00:00:00Z");
const at = (days: number): string => new Date(now + days * DAY).toISOString();

const news: OrderArguments = {
  account: {
    directoryUrl: "https://ca.example/dir",
    accountUrl: "https://ca.example/a/1",
    accountKeyPem: "KEY",
  },
  dnsNames: ["example.com"],
  challenge: "dns-01",
};

const pending: OrderState = {
  __arguments: news,
  orderUrl: "https://ca.example/o/1",
  __state: { accountUrl: news.account.accountUrl },
  status: "pending",
  expires: at(7),
};

const certificate = {
  orderUrl: "https://ca.example/o/1",
  issuedBy: news.account.accountUrl,
  notBefore: at(-30),
  notAfter: at(60),
  fingerprintSha256: "00",
};

const nearItsEnd = { ...certificate, notBefore: at(-80), notAfter: at(10) };
const withPrivate = (state: OrderState, own: OrderPrivateState): OrderState => ({
  ...state,
  __state: { ...state.__state, ...own },
});
const issued: OrderState = {
  ...withPrivate(pending, { certificate }),
  status: "valid",
  renewAt: at(30),
};
const invalid = withPrivate(pending, { invalidReason: "invalid" });
const failure = { at: at(-1), message: "no", nextAttemptAt: at(1) };

describe("an order whose fate is in the state", () => {
  it.each<[string, OrderState, Partial<OrderArguments>, string]>([
    ["is left alone before its time", issued, {}, "none"],
    ["is renewed from its time on", { ...issued, renewAt: at(0) }, {}, "renew"],
    [
      "waits after a failed renewal",
      { ...issued, renewAt: at(0), lastFailure: failure },
      {},
      "none",
    ],
    [
      "but not with too little validity left",
      {
        ...withPrivate(issued, { certificate: nearItsEnd }),
        renewAt: at(0),
        lastFailure: failure,
      },
      {},
      "renew",
    ],
    ["is ordered anew when it is dead", invalid, {}, "order"],
    ["as a renewal where it was one", { ...invalid, isRenewal: true }, {}, "renew"],
    [
      "but not before the next attempt",
      { ...invalid, isRenewal: true, lastFailure: failure },
      {},
      "none",
    ],
    [
      "unless it was the user's wish: then at once",
      { ...invalid, lastFailure: failure },
      {},
      "order",
    ],
    ["takes over settings", issued, { renewBefore: "10d" }, "settings"],
  ])("%s", (_what, state, change, action) => {
    expect(decideOrder(state, { ...news, ...change }, now).action).toBe(action);
  });

  it("says why: days left, or the CA's own wish with its page", () => {
    const due = { ...issued, renewAt: at(0) };
    expect(decideOrder(due, news, now)).toMatchObject({ reason: "renews: 60 days left" });
    const renewalInfo = {
      certId: "id",
      windowStart: at(-1),
      windowEnd: at(1),
      explanationUrl: "https://ca.example/why",
      checkedAt: at(-1),
      nextCheckAt: at(1),
    };
    expect(decideOrder(withPrivate(due, { renewalInfo }), news, now)).toMatchObject({
      reason: "renews: the CA asks for it, see https://ca.example/why (60 days left)",
    });
  });
});

describe("an order whose fate is not known", () => {
  it("has to be looked at; a former certificate says nothing of it", () => {
    expect(decideOrder(pending, news, now).action).toBe("look");
    const former = { ...certificate, orderUrl: "before" };
    const renewal = { ...withPrivate(pending, { certificate: former }), renewAt: at(-9) };
    expect(decideOrder(renewal, news, now).action).toBe("look");
  });

  it.each<[string, OrderOutcome, string]>([
    ["is left alone while it is open", { kind: "open", status: "ready", expires: at(1) }, "none"],
    [
      "is ordered anew when it has expired",
      { kind: "open", status: "pending", expires: at(-1) },
      "order",
    ],
    ["or is dead", { kind: "dead", reason: "the order is invalid" }, "order"],
    ["is left alone where the CA does not answer", { kind: "unknown", reason: "down" }, "none"],
    ["and where the certificate is not due", { kind: "issued", certificate }, "none"],
    [
      "is renewed where it is",
      { kind: "issued", certificate: { ...certificate, notBefore: at(-89), notAfter: at(1) } },
      "renew",
    ],
  ])("%s", (_what, fate, action) => {
    expect(decideWithOutcome(pending, fate, news, now).action).toBe(action);
  });

  it("is ordered anew for another account, unless it led to a certificate", () => {
    const other = { ...news, account: { ...news.account, accountUrl: "https://ca.example/a/2" } };
    const open: OrderOutcome = { kind: "open", status: "pending", expires: at(1) };
    expect(decideWithOutcome(pending, open, other, now)).toMatchObject({
      action: "order",
      reason: "orders anew: the order belongs to another account",
    });
    expect(decideWithOutcome(pending, { kind: "issued", certificate }, other, now).action).toBe(
      "settings",
    );
  });
});

describe("what the user changed", () => {
  it.each<[Partial<OrderArguments>, string]>([
    [{ dnsNames: ["example.com", "www.example.com"] }, "orders anew: name added www.example.com"],
    [
      { dnsNames: ["example.org"] },
      "orders anew: name added example.org and name removed example.com",
    ],
    [{ challenge: "http-01" }, "orders anew: challenge changed"],
    [{ profile: "shortlived" }, "orders anew: profile changed"],
    [{ triggers: [1] }, "orders anew: triggers changed"],
    [
      { account: { ...news.account, directoryUrl: "https://other.example" } },
      "orders anew: another CA",
    ],
  ])("%o is shown: %s", (change, reason) => {
    expect(decideOrder(issued, { ...news, ...change }, now)).toEqual({ action: "order", reason });
  });
});

describe("in a preview", () => {
  const unknownAccount = { ...news.account, accountUrl: UNKNOWN, accountKeyPem: UNKNOWN };

  it("an account that is being updated changes no order", () => {
    expect(decideOrder(issued, { ...news, account: unknownAccount }, now).action).toBe("none");
    const open: OrderOutcome = { kind: "open", status: "pending", expires: at(1) };
    expect(decideWithOutcome(pending, open, { ...news, account: unknownAccount }, now).action).toBe(
      "none",
    );
  });

  it("triggers that are not known may be a change", () => {
    expect(decideOrder(issued, { ...news, triggers: [UNKNOWN] }, now).action).toBe("order");
  });
});
