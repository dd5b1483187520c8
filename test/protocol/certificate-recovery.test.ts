/** `AcmeCertificate`'s handler against the strict server: what must not stay broken after something has failed. */
import { describe, expect, it } from "vitest";

import type { Properties } from "../../sdk/provider/engine/handler";
import { privateOf } from "../support/ca/state";
import { problem } from "../support/ca/strict-server";
import {
  breakAt,
  DAY,
  dueCertificate,
  failureOf,
  handler,
  startCa,
} from "../support/ca/certificate-strict";
import { withMembers } from "../support/ca/strict";

describe("a renewal that failed with little validity left", () => {
  it("is tried again by the next run, which goes on with its order", async () => {
    const { ca, asked } = await startCa();
    const state = await dueCertificate(5 * DAY, asked());
    breakAt(ca, "finalize");
    const { properties = {} } = await failureOf(handler.update("id", state, asked()));
    expect(await handler.diff("id", properties, asked())).toEqual({ changes: true });
    const { outs } = await handler.update("id", properties, asked());
    expect(outs["fullchainPem"]).not.toBe(state["fullchainPem"]);
    expect(ca.count("newOrder")).toBe(2);
  });

  it("stays a failure while it fails, however soon the next run comes", async () => {
    const { ca, asked } = await startCa();
    const state = await dueCertificate(5 * DAY, asked());
    breakAt(ca, "finalize");
    const first = await failureOf(handler.update("id", state, asked()));
    breakAt(ca, "finalize");
    const second = await failureOf(handler.update("id", first.properties ?? {}, asked()));
    expect(privateOf(second.properties)).toMatchObject({ failureCount: 2 });
  });
});

describe("a renewal that may wait", () => {
  it("keeps its unfinished order and key when settings change meanwhile", async () => {
    const { ca, asked } = await startCa();
    const state = await dueCertificate(20 * DAY, asked());
    breakAt(ca, "finalize");
    const { outs: failed } = await handler.update("id", state, asked());
    const { outs: adjusted } = await handler.update("id", failed, asked({ timeout: "5m" }));
    expect(privateOf(adjusted)["pending"]).toEqual(privateOf(failed)["pending"]);
    const past = { ...(failed["lastFailure"] as object), nextAttemptAt: "2020-01-01T00:00:00Z" };
    await handler.update("id", { ...adjusted, lastFailure: past }, asked({ timeout: "5m" }));
    expect(ca.count("newOrder")).toBe(2);
  });
});

describe("an unfinished order that cannot lead to our certificate", () => {
  it("because somebody else finalized it with another key, is replaced by a new one", async () => {
    // A CA gives equal orders to those who ask for the same names: both keep the URL of one order.
    const { ca, asked } = await startCa();
    breakAt(ca, "finalize");
    const { properties: ours = {} } = await failureOf(handler.create(asked()));
    const theirs = privateOf(ours)["pending"] as Properties;
    const other = asked({ keyType: "P384" });
    breakAt(ca, "authorization");
    const { properties = {} } = await failureOf(handler.create(other));
    const shared = {
      ...(privateOf(properties)["pending"] as object),
      orderUrl: theirs["orderUrl"],
    };
    await handler.update("id", ours, asked());

    const { outs } = await handler.update("id", { ...properties, pending: shared }, other);
    expect(outs["dnsNames"]).toEqual(["a.example", "b.example"]);
    ca.assertNoDeviations();
  });

  it.each(["pending", "ready", "processing"])(
    "because it expired while it was %s, is replaced by a new one",
    async (status) => {
      const { ca, asked } = await startCa();
      breakAt(ca, "finalize");
      const { properties = {} } = await failureOf(handler.create(asked()));
      ca.on("order", 1, (response) =>
        withMembers(response, { status, expires: "2020-01-01T00:00:00Z" }),
      );
      await handler.update("id", properties, asked({ timeout: "5s" }));
      expect(ca.count("newOrder")).toBe(2);
    },
  );

  it("because the CA has forgotten its certificate, is replaced by a new one", async () => {
    const { ca, asked } = await startCa();
    breakAt(ca, "certificate");
    const { properties = {} } = await failureOf(handler.create(asked()));
    ca.state.certificates.clear();
    const { outs } = await handler.update("id", properties, asked());
    expect(outs["fullchainPem"]).toBeDefined();
    expect(ca.count("newOrder")).toBe(2);
  });
});

describe("another chain that is broken", () => {
  it("is no reason to lose the certificate", async () => {
    const { ca, asked } = await startCa({ alternateChains: 1 });
    ca.on("certificate", 2, (response) => {
      const blocks = response.body.split(/(?<=-----END CERTIFICATE-----\n)/);
      return { ...response, body: [blocks[0], blocks[0], ...blocks.slice(1)].join("") };
    });
    const { outs } = await handler.create(asked({ preferredChain: "strict alternate root 1" }));
    expect(ca.count("certificate")).toBe(2);
    expect(outs["fullchainPem"]).toBeDefined();
  });
});

describe("a CA that asks to wait", () => {
  const tooMany = () =>
    problem(429, { type: "rateLimited", detail: "too many" }, { "Retry-After": "3600" });

  it("after a failed solver is remembered as well", async () => {
    const { ca, asked } = await startCa({
      validate: () => ({ type: "connection", detail: "refused" }),
    });
    ca.instead("newOrder", 2, tooMany);
    const solvers = [{ http01: { stateless: true } }, { http01: { stateless: true } }];
    const wanted = asked({ dnsNames: ["a.example"], solvers });
    const { message, properties = {} } = await failureOf(handler.create(wanted));
    expect(message).toMatch(/refused; then .*too many/);
    const before = ca.requests.length;
    const again = await failureOf(handler.update("id", properties, wanted));
    expect(again.message).toMatch(/nothing was sent/);
    expect(ca.requests.length).toBe(before);
  });

  it("does not hold up another account", async () => {
    const { ca, asked } = await startCa();
    ca.instead("newOrder", "every", tooMany);
    const { properties = {} } = await failureOf(handler.create(asked()));
    const other = await startCa();
    const { outs } = await handler.update("id", properties, asked({ account: other.account }));
    expect(outs["issuedBy"]).toBe(other.account.accountUrl);
  });

  it("does not hold up a fallback account that was added since", async () => {
    const { ca, asked } = await startCa();
    ca.instead("newOrder", "every", tooMany);
    const { properties = {} } = await failureOf(handler.create(asked()));
    const other = await startCa();
    const mended = asked({ fallbackAccounts: [other.account] });
    const { outs } = await handler.update("id", properties, mended);
    expect(outs["issuedBy"]).toBe(other.account.accountUrl);
  });
});

describe("a certificate by a fallback account", () => {
  async function startTwo(options = {}) {
    const first = await startCa();
    const second = await startCa(options);
    first.ca.instead("newOrder", "every", () =>
      problem(403, { type: "rejectedIdentifier", detail: "policy" }),
    );
    const asked = (changes: Properties = {}): Properties =>
      first.asked({ fallbackAccounts: [second.account], ...changes });
    return { ...second, asked };
  }

  it("that failed is finished by the next run without a second order, though the first account is asked again", async () => {
    const { ca, asked } = await startTwo();
    breakAt(ca, "certificate");
    const { properties = {} } = await failureOf(handler.create(asked()));
    const { outs } = await handler.update("id", properties, asked());
    expect(outs["fullchainPem"]).toBeDefined();
    expect(ca.count("newOrder")).toBe(1);
  });

  it("gets another chain from the CA that issued it", async () => {
    const { ca, asked, account } = await startTwo({ alternateChains: 1 });
    const { outs } = await handler.create(asked());
    const downloads = ca.count("certificate");
    const change = asked({ preferredChain: "none of them" });
    const { outs: rechained } = await handler.update("id", outs, change);
    expect(rechained["issuedBy"]).toBe(account.accountUrl);
    expect(ca.count("certificate")).toBeGreaterThan(downloads);
  });

  it("asks the CA that issued it when to renew", async () => {
    const { ca, asked } = await startTwo();
    const { outs } = await handler.create(asked());
    const past = { ...(outs["renewalInfo"] as object), nextCheckAt: "2020-01-01T00:00:00Z" };
    const asks = ca.count("renewalInfo");
    await handler.read("id", { ...outs, renewalInfo: past });
    expect(ca.count("renewalInfo")).toBe(asks + 1);
  });

  it("is revoked at the CA that issued it", async () => {
    const { ca, asked } = await startTwo();
    const { outs } = await handler.create(asked({ revokeOnDestroy: true }));
    await handler.delete("id", outs);
    expect(ca.count("revokeCert")).toBe(1);
  });
});

describe("renewal information", () => {
  it("that the CA had not got yet at the issue is asked for by the next refresh", async () => {
    const { ca, asked } = await startCa();
    ca.instead("renewalInfo", 1, () => problem(404, { type: "malformed", detail: "not yet" }));
    const { outs } = await handler.create(asked());
    expect(outs["renewalInfo"]).toBeUndefined();
    const { props } = await handler.read("id", outs);
    expect(props?.["renewalInfo"]).toBeDefined();
  });
});
