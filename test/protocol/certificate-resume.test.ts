/** `AcmeCertificate`'s handler against the strict server: what is lost when a run fails, and what the next one does. */
import { afterEach, describe, expect, it, onTestFinished } from "vitest";

import type { Properties } from "../../sdk/provider/engine/handler";
import { privateOf } from "../support/ca/state";
import { registerAccount } from "../support/ca/acme-account";
import { problem, startStrictServer, type EndpointName } from "../support/ca/strict-server";
import { breakAt, failureOf, handler, startCa } from "../support/ca/certificate-strict";

describe("a run that failed after its order", () => {
  it.each<EndpointName>(["authorization", "challenge", "finalize", "order", "certificate"])(
    "at %s is finished by the next one without a second order",
    async (endpoint) => {
      const { ca, asked } = await startCa();
      breakAt(ca, endpoint);
      const failure = await failureOf(handler.create(asked()));
      expect(failure.id).toBeDefined();
      expect(privateOf(failure.properties)["pending"]).toHaveProperty("orderUrl");

      const state = failure.properties ?? {};
      expect(await handler.diff("id", state, asked())).toEqual({ changes: true });
      const { outs } = await handler.update("id", state, asked());
      expect(outs["dnsNames"]).toEqual(["a.example", "b.example"]);
      expect(privateOf(outs)["pending"]).toBeUndefined();
      expect(ca.count("newOrder")).toBe(1);
      ca.assertNoDeviations();
    },
  );

  it("after finalize keeps the key that the order was finalized with", async () => {
    const { ca, asked } = await startCa();
    breakAt(ca, "certificate");
    const { properties = {} } = await failureOf(handler.create(asked()));
    const { privateKeyPem } = privateOf(properties)["pending"] as { privateKeyPem: string };
    const { outs } = await handler.update("id", properties, asked());
    expect(outs["privateKeyPem"]).toBe(privateKeyPem);
    expect(ca.count("finalize")).toBe(1);
  });

  it("starts afresh when other names are asked for meanwhile", async () => {
    const { ca, asked } = await startCa();
    breakAt(ca, "finalize");
    const { properties = {} } = await failureOf(handler.create(asked()));
    const { outs } = await handler.update("id", properties, asked({ dnsNames: ["c.example"] }));
    expect(outs["dnsNames"]).toEqual(["c.example"]);
    expect(ca.count("newOrder")).toBe(2);
  });

  it("goes on with other solvers: that is how a failed one is mended", async () => {
    const { ca, asked } = await startCa();
    breakAt(ca, "challenge");
    const { properties = {} } = await failureOf(handler.create(asked()));
    const mended = asked({ solvers: [{ dnsZones: ["example"], http01: { stateless: true } }] });
    await handler.update("id", properties, mended);
    expect(ca.count("newOrder")).toBe(1);
  });

  it("orders anew when the CA has forgotten the order", async () => {
    const { ca, asked } = await startCa();
    breakAt(ca, "finalize");
    const { properties = {} } = await failureOf(handler.create(asked()));
    ca.state.orders.clear();
    await handler.update("id", properties, asked());
    expect(ca.count("newOrder")).toBe(2);
  });

  it("keeps the old certificate when it was a change", async () => {
    const { ca, asked } = await startCa();
    const { outs } = await handler.create(asked());
    breakAt(ca, "finalize");
    const change = asked({ dnsNames: ["a.example", "new.example"] });
    const { properties = {} } = await failureOf(handler.update("id", outs, change));
    expect(properties["fullchainPem"]).toBe(outs["fullchainPem"]);
    expect(properties["privateKeyPem"]).toBe(outs["privateKeyPem"]);
    const { outs: mended } = await handler.update("id", properties, change);
    expect(mended["dnsNames"]).toEqual(["a.example", "new.example"]);
    expect(ca.count("newOrder")).toBe(2);
  });

  it("is dropped when the user takes the change back", async () => {
    const { ca, asked } = await startCa();
    const { outs } = await handler.create(asked());
    breakAt(ca, "finalize");
    const { properties = {} } = await failureOf(
      handler.update("id", outs, asked({ triggers: [1] })),
    );
    expect(await handler.diff("id", properties, asked())).toEqual({ changes: false });
    const { outs: back } = await handler.update("id", properties, asked());
    expect(back["fullchainPem"]).toBe(outs["fullchainPem"]);
    expect(privateOf(back)).not.toHaveProperty("pending");
  });
});

describe("a CA that asks to wait", () => {
  const tooMany = () =>
    problem(
      429,
      { type: "rateLimited", detail: "too many certificates" },
      { "Retry-After": "3600" },
    );

  it("is remembered: the next run sends nothing and says when to come back", async () => {
    const { ca, asked } = await startCa();
    ca.instead("newOrder", "every", tooMany);
    const failure = await failureOf(handler.create(asked()));
    expect(failure.message).toMatch(/rateLimited: too many certificates/);
    const before = ca.requests.length;
    const again = await failureOf(handler.update("id", failure.properties ?? {}, asked()));
    expect(again.message).toMatch(
      /too many certificates.*nothing was sent: the CA asked to come back after 20/,
    );
    expect(privateOf(again.properties)["refusal"]).toHaveProperty("retryAt");
    expect(ca.requests.length).toBe(before);
  });

  it("is asked at once when the triggers change", async () => {
    const { ca, asked } = await startCa();
    ca.instead("newOrder", 1, tooMany);
    const { properties = {} } = await failureOf(handler.create(asked()));
    const { outs } = await handler.update("id", properties, asked({ triggers: ["now"] }));
    expect(outs["fullchainPem"]).toBeDefined();
  });
});

describe("a renewal that fails", () => {
  /** Issued for a short life, and moved into the past as far as is needed. */
  async function due(options: { left: number; asked: Properties }): Promise<Properties> {
    const { outs } = await handler.create(options.asked);
    const lifetime = 90 * 86_400_000;
    const notAfter = Date.now() + options.left;
    const at = (time: number): string => new Date(time).toISOString();
    return {
      ...outs,
      notBefore: at(notAfter - lifetime),
      notAfter: at(notAfter),
      renewAt: at(Date.now() - 1000),
    };
  }
  const DAY = 86_400_000;

  it("is a warning while enough validity is left, and is quiet until the next attempt", async () => {
    const { ca, asked } = await startCa();
    const state = await due({ left: 20 * DAY, asked: asked() });
    breakAt(ca, "finalize");
    const { outs } = await handler.update("id", state, asked());
    expect(outs["fullchainPem"]).toBe(state["fullchainPem"]);
    expect(outs["lastFailure"]).toMatchObject({
      message: expect.stringContaining("not today") as string,
    });
    expect(privateOf(outs)).toMatchObject({ failureCount: 1 });
    expect(await handler.diff("id", outs, asked())).toEqual({ changes: false });

    const orders = ca.count("newOrder");
    const past = { ...(outs["lastFailure"] as object), nextAttemptAt: "2020-01-01T00:00:00Z" };
    const { outs: renewed } = await handler.update("id", { ...outs, lastFailure: past }, asked());
    expect(renewed["fullchainPem"]).not.toBe(state["fullchainPem"]);
    expect(renewed).not.toHaveProperty("lastFailure");
    expect(ca.count("newOrder")).toBe(orders);
  });

  it("is an error when little validity is left", async () => {
    const { ca, asked } = await startCa();
    const state = await due({ left: 5 * DAY, asked: asked() });
    breakAt(ca, "finalize");
    const failure = await failureOf(handler.update("id", state, asked()));
    expect(failure.message).toMatch(/not today.*5 days of validity left/);
    expect(failure.properties?.["fullchainPem"]).toBe(state["fullchainPem"]);
  });

  it("says which certificate it replaces (RFC 9773 §5)", async () => {
    const { ca, asked } = await startCa();
    const state = await due({ left: 20 * DAY, asked: asked() });
    const { outs } = await handler.update("id", state, asked());
    expect(outs["renewalInfo"]).toBeDefined();
    ca.assertNoDeviations();
    const orders = [...ca.state.orders.values()] as { replaces?: string }[];
    expect(orders.map(({ replaces }) => replaces !== undefined)).toEqual([false, true]);
  });
});

describe("a second account", () => {
  it("issues when the first one's CA cannot", async () => {
    const { ca: broken, asked } = await startCa();
    broken.instead("newOrder", "every", () =>
      problem(403, { type: "rejectedIdentifier", detail: "policy" }),
    );
    const other = await startStrictServer();
    onTestFinished(() => other.stop());
    const fallback = await registerAccount(other);
    const { outs } = await handler.create(asked({ fallbackAccounts: [fallback] }));
    expect(outs["issuedBy"]).toBe(fallback.accountUrl);
  });
});

afterEach(() => {
  expect(process.listenerCount("SIGINT")).toBe(0);
});
