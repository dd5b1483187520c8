/** `AcmeOrder` and the certificate of it against Pebble: what the certificate looks at before it asks the CA. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { AccountReference } from "../../sdk/issuance/arguments";
import { certificateHandler } from "../../sdk/provider/certificate";
import type { Properties } from "../../sdk/provider/engine/handler";
import { orderHandler } from "../../sdk/provider/order";
import { orderOutcomes } from "../../sdk/issuance/order-outcome";
import { registerAccount } from "../support/ca/acme-account";
import { resourceRun, type ResourceRun } from "../support/engine/handler-run";
import { startPebble, type Pebble } from "../support/ca/pebble";
import { startHttp01Responder } from "../support/ca/http01-responder";

let pebble: Pebble;
let account: AccountReference;

beforeAll(async () => {
  pebble = await startPebble();
  account = await registerAccount(pebble);
});

afterAll(() => pebble.stop());

beforeEach(() => {
  orderOutcomes.clear();
});

interface Value {
  readonly name: string;
  readonly value: string;
}

async function orderFor(dnsNames: readonly string[], challenge: string): Promise<ResourceRun> {
  const order = resourceRun(orderHandler);
  await order.up({ account, dnsNames, challenge, profile: "default" });
  return order;
}

const valuesOf = ({ state }: ResourceRun): Value[] => state["challenges"] as Value[];

function certificateOf({ state }: ResourceRun, changes: Properties = {}): Properties {
  const { orderUrl, dnsNames, challenge, profile } = state;
  return {
    account,
    order: { orderUrl, dnsNames, challenge, profile },
    propagation: { check: "resolvers", resolvers: [pebble.dns.dnsAddress], timeout: "1s" },
    preflight: { httpPort: pebble.httpPort, resolvers: [pebble.dns.dnsAddress] },
    ...changes,
  };
}

const answered = (): number =>
  pebble.requests().filter(({ path }) => path.startsWith("/chalZ/")).length;

describe("by dns-01", () => {
  it("a name and its wildcard are issued once both values are visible", async () => {
    const order = await orderFor(["example.com", "*.example.com"], "dns-01");
    for (const { name, value } of valuesOf(order)) await pebble.dns.setTxt(name, value);
    const certificate = resourceRun(certificateHandler);
    expect(await certificate.up(certificateOf(order))).toBe("created");
    expect(certificate.state["dnsNames"]).toEqual(["*.example.com", "example.com"]);
  });

  it("a record that is missing keeps the CA from being asked; the same order is finished when it is there", async () => {
    const order = await orderFor(["late.example"], "dns-01");
    const before = answered();
    const certificate = resourceRun(certificateHandler);
    await expect(certificate.up(certificateOf(order))).rejects.toThrow(
      /dns-01 for late\.example: .*_acme-challenge\.late\.example.*dependsOn/,
    );
    expect(answered()).toBe(before);
    for (const { name, value } of valuesOf(order)) await pebble.dns.setTxt(name, value);
    expect(await certificate.up(certificateOf(order))).toBe("updated");
    expect(certificate.state["dnsNames"]).toEqual(["late.example"]);
  });

  it("the record may lie at the end of a CNAME", async () => {
    const order = await orderFor(["delegated.example"], "dns-01");
    await pebble.dns.setCname("_acme-challenge.delegated.example", "proof.elsewhere.example");
    for (const { value } of valuesOf(order)) {
      await pebble.dns.setTxt("proof.elsewhere.example", value);
    }
    const certificate = resourceRun(certificateHandler);
    await certificate.up(certificateOf(order));
    expect(certificate.state["dnsNames"]).toEqual(["delegated.example"]);
  });
});

describe("by http-01", () => {
  it("a file that is missing is found by the preflight; then it is served, and the certificate issued", async () => {
    const responder = await startHttp01Responder(pebble.httpPort);
    try {
      const order = await orderFor(["web.example"], "http-01");
      const before = answered();
      const certificate = resourceRun(certificateHandler);
      await expect(certificate.up(certificateOf(order))).rejects.toThrow(
        /http-01 for web\.example: .*answered 404/,
      );
      expect(answered()).toBe(before);
      for (const { name, value } of valuesOf(order)) {
        responder.answers.set(name.split("/").at(-1) ?? "", value);
      }
      expect(await certificate.up(certificateOf(order))).toBe("updated");
      expect(certificate.state["dnsNames"]).toEqual(["web.example"]);
    } finally {
      await responder.stop();
    }
  });
});

describe("a certificate of an order", () => {
  it("that is another account's fails with the CA's words", async () => {
    const order = await orderFor(["mine.example"], "dns-01");
    const other = await registerAccount(pebble);
    const certificate = resourceRun(certificateHandler);
    await expect(certificate.up(certificateOf(order, { account: other }))).rejects.toThrow(
      /does not own the specified order/,
    );
  });

  it("whose request is for other names says so", async () => {
    const order = await orderFor(["one.example"], "dns-01");
    const { orderUrl, challenge, profile } = order.state;
    const reference = { orderUrl, challenge, profile, dnsNames: ["two.example"] };
    const certificate = resourceRun(certificateHandler);
    await expect(certificate.up(certificateOf(order, { order: reference }))).rejects.toThrow(
      /is for one\.example, and the certificate for other names/,
    );
  });

  it("of a profile that the CA does not offer is ordered without it, with a warning, or is an error where it is required", async () => {
    const order = resourceRun(orderHandler);
    const asked = { account, dnsNames: ["p.example"], challenge: "dns-01", profile: "unheard-of" };
    await expect(order.up({ ...asked, profileRequired: true })).rejects.toThrow(
      /does not offer "unheard-of"/,
    );
    await order.up(asked);
    expect(order.warnings().join()).toMatch(/issues without a profile/);
    expect(valuesOf(order)).toHaveLength(1);
  });
});
