/** `AcmeCertificate`'s handler against Pebble: several solvers for one name, and what is looked at before the CA looks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { AccountReference } from "../../sdk/issuance/arguments";
import { factsOf } from "../support/ca/state";
import { certificateHandler } from "../../sdk/provider/certificate";
import { guard, type Properties } from "../../sdk/provider/engine/handler";
import { registerAccount } from "../support/ca/acme-account";
import { startPebble, type Pebble } from "../support/ca/pebble";
import { freePort } from "../support/process/ports";

const handler = guard(certificateHandler);
let pebble: Pebble;
let account: AccountReference;

beforeAll(async () => {
  pebble = await startPebble();
  account = await registerAccount(pebble);
});

afterAll(() => pebble.stop());

const address = "127.0.0.1";
const good = () => ({ http01: { listener: { port: pebble.httpPort, address } } });
const elsewhere = async () => ({ http01: { listener: { port: await freePort(), address } } });

function create(changes: Properties): Promise<{ outs: Properties }> {
  const preflight = { httpPort: pebble.httpPort, resolvers: [pebble.dns.dnsAddress] };
  return handler.create({ account, profile: "default", preflight, ...changes });
}

const count = (path: string): number =>
  pebble.requests().filter((request) => request.path.startsWith(path)).length;

describe("several solvers for one name", () => {
  it("are tried in order: what the CA refused is proven by the next one, with a new order", async () => {
    const before = count("/order-plz");
    const solvers = [await elsewhere(), good()];
    const { outs } = await create({ dnsNames: ["second.example"], solvers, preflight: false });
    expect(outs["dnsNames"]).toEqual(["second.example"]);
    expect(count("/order-plz") - before).toBe(2);
  });

  it("what the preflight refused needs no second order, and no validation", async () => {
    const before = { orders: count("/order-plz"), challenges: count("/chalZ/") };
    await create({ dnsNames: ["early.example"], solvers: [await elsewhere(), good()] });
    expect(count("/order-plz") - before.orders).toBe(1);
    expect(count("/chalZ/") - before.challenges).toBe(1);
  });

  it("when all fail, the message tells what each said", async () => {
    const solvers = [
      await elsewhere(),
      { http01: { webroot: { path: "/nowhere/that/exists" } } },
      await elsewhere(),
    ];
    const work = create({
      dnsNames: ["never.example"],
      solvers: [solvers[0], solvers[2]],
      preflight: false,
    });
    await expect(work).rejects.toThrow(
      /never\.example \(http-01\): connection.*; then .*never\.example \(http-01\): connection/,
    );
  });

  it("a name without a second solver does not hold the others' attempts up", async () => {
    const solvers = [
      { dnsNames: ["only.example"], ...(await elsewhere()) },
      { dnsZones: ["both.example"], ...good() },
    ];
    const work = create({ dnsNames: ["only.example", "both.example"], solvers, preflight: false });
    await expect(work).rejects.toThrow(/only\.example \(http-01\)/);
  });
});

describe("CAA records (RFC 8659)", () => {
  it("that forbid this CA stop the order before the CA is asked, with an explanation", async () => {
    await pebble.dns.addCaa("forbidden.example", { tag: "issue", value: "other-ca.example" });
    const before = count("/chalZ/");
    const work = create({ dnsNames: ["www.forbidden.example"], solvers: [good()] });
    await expect(work).rejects.toThrow(/CAA of forbidden\.example forbids www\.forbidden\.example/);
    expect(count("/chalZ/")).toBe(before);
  });

  it("that name this CA and account let it pass; another account's do not (RFC 8657)", async () => {
    const value = (uri: string): string => `pebble.test; accounturi=${uri}`;
    await pebble.dns.addCaa("ours.example", { tag: "issue", value: value(account.accountUrl) });
    const { outs } = await create({ dnsNames: ["ours.example"], solvers: [good()] });
    expect(outs["dnsNames"]).toEqual(["ours.example"]);
    await pebble.dns.addCaa("theirs.example", {
      tag: "issue",
      value: value("https://ca.example/acct/1"),
    });
    await expect(create({ dnsNames: ["theirs.example"], solvers: [good()] })).rejects.toThrow(
      /CAA of theirs\.example forbids/,
    );
  });
});

describe("two certificates for the same names at the same time", () => {
  it("take turns, so that no CA gives both the same order", async () => {
    const both = await Promise.all(
      [1, 2].map(() => create({ dnsNames: ["twice.example"], solvers: [good()] })),
    );
    const serials = new Set(both.map(({ outs }) => factsOf(outs).serialNumber));
    expect(serials.size).toBe(2);
  });
});
