/** A CA whose orders cannot be answered from the start, because an authorization has failed or ended before (ndilieto/uacme#78). */
import { describe, expect, it } from "vitest";

import type { Properties } from "../../sdk/provider/engine/handler";
import { orderHandler } from "../../sdk/provider/order";
import { failureOf, handler, startCa } from "../support/ca/certificate-strict";
import { withMembers } from "../support/ca/strict";
import type { StrictServer } from "../support/ca/strict-server";
import { resourceRun } from "../support/engine/handler-run";

const error = {
  type: "urn:ietf:params:acme:error:connection",
  detail: "203.0.113.5: Connection refused",
};
const expires = "2030-01-02T03:04:05Z";

/** Makes the authorization of b.example other than it is; `orders` is of how many orders. */
function spoil(ca: StrictServer, orders: number, members: Properties, challenge: Properties): void {
  const spoiled = new Set<string>();
  ca.on("authorization", "every", (response) => {
    const body = JSON.parse(response.body) as {
      identifier: { value: string };
      challenges: { url: string }[];
    };
    if (body.identifier.value !== "b.example") return response;
    const own = body.challenges[0]?.url ?? "";
    if (!spoiled.has(own) && spoiled.size === orders) return response;
    spoiled.add(own);
    const challenges = body.challenges.map((one) => ({ ...one, ...challenge }));
    return withMembers(response, { ...members, challenges });
  });
}

const failed = { status: "invalid", error };

const SPENT: [string, Properties, Properties, RegExp][] = [
  [
    "is invalid",
    { status: "invalid", expires },
    failed,
    /authorization of b\.example was invalid before anything was answered \(.*http-01: connection: 203\.0\.113\.5: Connection refused.*\); the CA keeps it until 2030-01-02T03:04:05Z/,
  ],
  ["is expired", { status: "expired" }, {}, /authorization of b\.example was expired before/],
  ["is deactivated", { status: "deactivated" }, {}, /b\.example was deactivated before/],
  ["is revoked", { status: "revoked" }, {}, /b\.example was revoked before/],
  [
    "is pending with challenges that have failed",
    {},
    failed,
    /challenge of b\.example had failed before it was answered \(\S+: connection: 203/,
  ],
];

describe.each(SPENT)("a fresh order whose authorization %s", (_, members, challenge, reason) => {
  it("is replaced by one more, which leads to the certificate", async () => {
    const { ca, asked } = await startCa();
    spoil(ca, 1, members, challenge);
    const { outs } = await handler.create(asked());
    expect(outs["fullchainPem"]).toBeDefined();
    expect(ca.count("newOrder")).toBe(2);
  });

  it("and so is the next one's: the error says why, where, and for how long", async () => {
    const { ca, asked } = await startCa();
    spoil(ca, 9, members, challenge);
    const { message, properties = {} } = await failureOf(handler.create(asked()));
    expect(message).toMatch(reason);
    expect(message).toContain(`(${ca.baseUrl}/acme/order/`);
    expect(ca.count("newOrder")).toBe(2);
    expect(ca.count("challenge")).toBe(0);
    await failureOf(handler.update("id", properties, asked()));
    expect(ca.count("newOrder")).toBe(3);
  });

  it("is replaced by one more for an AcmeOrder, too", async () => {
    const { ca, account } = await startCa();
    spoil(ca, 1, members, challenge);
    const run = resourceRun(orderHandler);
    const args = { account, dnsNames: ["a.example", "b.example"], challenge: "http-01" };
    await run.up(args);
    expect(run.state["challenges"]).toHaveLength(2);
    expect(ca.count("newOrder")).toBe(2);
    const other = resourceRun(orderHandler);
    spoil(ca, 9, members, challenge);
    await expect(other.up(args)).rejects.toThrow(reason);
    expect(ca.count("newOrder")).toBe(4);
  });
});

it("An authorization that stays pending when its challenge has failed is not waited for", async () => {
  const { ca, asked } = await startCa({
    validate: () => ({ type: "connection", detail: "refused" }),
  });
  ca.on("authorization", "every", (response) => withMembers(response, { status: "pending" }));
  const { message } = await failureOf(handler.create(asked({ timeout: "20s" })));
  expect(message).toMatch(/could not validate a\.example \(http-01\): connection: refused/);
  expect(message).not.toMatch(/20 s/);
});
