/** When to ask a CA again that could not say when to renew: the state keeps it (RFC 9773 §4.3.3). */
import { expect, it } from "vitest";

import { orderOutcomes } from "../../sdk/issuance/order-outcome";
import type { Properties } from "../../sdk/provider/engine/handler";
import { orderHandler } from "../../sdk/provider/order";
import { handler, startCa } from "../support/ca/certificate-strict";
import { resourceRun } from "../support/engine/handler-run";
import { privateOf } from "../support/ca/state";
import { json, type StrictResponse } from "../support/ca/strict-server";

const HOUR = 3_600_000;

function hoursUntil(instant: unknown): number {
  return (Date.parse(instant as string) - Date.now()) / HOUR;
}

const ANSWERS: [string, StrictResponse, number][] = [
  ["an empty answer", { status: 200, headers: { "retry-after": "7200" }, body: "" }, 2],
  ["a broken answer", { status: 200, headers: {}, body: '{"suggestedWindow":' }, 6],
  [
    "a window that ends before it starts",
    json(
      200,
      { suggestedWindow: { start: "2030-01-02T00:00:00Z", end: "2030-01-01T00:00:00Z" } },
      { "retry-after": "7200" },
    ),
    2,
  ],
  ["a 500 that names a time", { status: 500, headers: { "retry-after": "3600" }, body: "" }, 1],
  ["a 404 that names a time", { status: 404, headers: { "retry-after": "3600" }, body: "" }, 1],
  ["a 403", { status: 403, headers: {}, body: "" }, 6],
];

it.each(ANSWERS)("after %s the CA is not asked before its time", async (_, response, hours) => {
  const { ca, asked } = await startCa();
  ca.instead("renewalInfo", "every", () => response);
  const { outs } = await handler.create(asked());
  expect(hoursUntil(privateOf(outs)["askAgainAt"])).toBeCloseTo(hours, 1);
  expect(outs["renewalInfo"]).toBeUndefined();
  expect(await handler.diff("id", outs, asked())).toEqual({ changes: false });
  await handler.read("id", outs);
  expect(ca.count("renewalInfo")).toBe(1);
});

it("A CA that answers nothing but 500 is asked five times in one operation, and not again in the next", async () => {
  const { ca, asked } = await startCa();
  ca.instead("renewalInfo", "every", () => ({ status: 500, headers: {}, body: "" }));
  const { outs } = await handler.create(asked());
  expect(ca.count("renewalInfo")).toBe(5);
  const { props = {} } = await handler.read("id", outs);
  await handler.update("id", props, asked({ renewBefore: "20d" }));
  expect(ca.count("renewalInfo")).toBe(5);
  expect(hoursUntil(privateOf(props)["askAgainAt"])).toBeCloseTo(6, 1);
});

it("An AcmeOrder asks a CA that answers nothing but 500 five times in one operation, and then waits", async () => {
  const { ca, account } = await startCa({ readyAtOnce: true });
  ca.instead("renewalInfo", "every", () => ({ status: 500, headers: {}, body: "" }));
  const order = resourceRun(orderHandler);
  const dnsNames = ["a.example"];
  await order.up({ account, dnsNames, challenge: "http-01" });
  const { orderUrl } = order.state;
  const reference = { orderUrl, challenge: "http-01", isRenewal: false };
  await handler.create({
    account,
    dnsNames,
    order: reference,
    preflight: false,
    useRenewalInfo: false,
  });
  for (let run = 0; run < 2; run++) {
    orderOutcomes.clear();
    await order.refresh();
    expect(ca.count("renewalInfo")).toBe(5);
  }
  expect(order.state).toMatchObject({ status: "valid" });
  expect(hoursUntil(privateOf(order.state)["askAgainAt"])).toBeCloseTo(6, 1);
});

it("Once the time has come the CA is asked, and its answer is kept", async () => {
  const { ca, asked } = await startCa();
  ca.instead("renewalInfo", 1, () => ({ status: 403, headers: {}, body: "" }));
  const { outs } = await handler.create(asked());
  const due = { ...outs, __state: { askAgainAt: new Date(Date.now() - 1000).toISOString() } };
  const { props = {} } = await handler.read("id", due);
  expect(ca.count("renewalInfo")).toBe(2);
  expect(props["renewalInfo"]).toMatchObject({ certId: expect.any(String) as string });
  expect(privateOf(props)["askAgainAt"]).toBeUndefined();
});

it("A window that is known stays when the CA fails later", async () => {
  const { ca, asked } = await startCa();
  const { outs } = await handler.create(asked());
  const info = outs["renewalInfo"] as Properties;
  const nextCheckAt = new Date(Date.now() - 1000).toISOString();
  ca.instead("renewalInfo", "every", () => ({ status: 403, headers: {}, body: "" }));
  const due = { ...outs, renewalInfo: { ...info, nextCheckAt } };
  const { props = {} } = await handler.read("id", due);
  expect(props["renewalInfo"]).toEqual({ ...info, nextCheckAt });
  expect(hoursUntil(privateOf(props)["askAgainAt"])).toBeCloseTo(6, 1);
  await handler.read("id", props);
  expect(ca.count("renewalInfo")).toBe(2);
});
