/** `AcmeOrder`'s handler, and the certificate that finishes its order, against the strict server. */
import { createHash } from "node:crypto";

import { beforeEach, describe, expect, it, onTestFinished } from "vitest";

import type { AccountReference } from "../../sdk/issuance/arguments";
import { factsOf, privateOf } from "../support/ca/state";
import { certificateHandler } from "../../sdk/provider/certificate";
import type { Properties } from "../../sdk/provider/engine/handler";
import { orderHandler } from "../../sdk/provider/order";
import { orderOutcomes } from "../../sdk/issuance/order-outcome";
import { registerAccount } from "../support/ca/acme-account";
import { resourceRun, type ResourceRun } from "../support/engine/handler-run";
import { createIssuer, DAY, issueLeaf } from "../support/x509/chain-fixture";
import {
  problem,
  startStrictServer,
  type ChallengeAttempt,
  type StrictServer,
  type StrictServerOptions,
} from "../support/ca/strict-server";

/** What somebody else's DNS resources hold: record name → values. */
type Zone = Map<string, Set<string>>;

interface Stack {
  readonly ca: StrictServer;
  readonly account: AccountReference;
  readonly order: ResourceRun;
  readonly certificate: ResourceRun;
  readonly zone: Zone;
  /** One `up` of all three resources: what happened to the order, to the records, and to the certificate. */
  up(order?: Properties, certificate?: Properties): Promise<[string, string, string]>;
}

interface Value {
  readonly dnsName: string;
  readonly name: string;
  readonly value: string;
}

const names = ["*.example.com", "example.com"];

async function start(options: StrictServerOptions = {}): Promise<Stack> {
  const zone: Zone = new Map();
  const ca = await startStrictServer({
    validate: (attempt) => (isAnswered(zone, attempt) ? undefined : NOT_FOUND),
    ...options,
  });
  onTestFinished(() => ca.stop());
  const account = await registerAccount(ca);
  const order = resourceRun(orderHandler);
  const certificate = resourceRun(certificateHandler);
  return {
    ca,
    account,
    order,
    certificate,
    zone,
    up: async (orderArgs = {}, certificateArgs = {}) => {
      // Each `up` is a process of its own.
      orderOutcomes.clear();
      const ordered = await order.up({
        account,
        dnsNames: names,
        challenge: "dns-01",
        ...orderArgs,
      });
      const recorded = keepRecords(zone, valuesOf(order));
      const reference = orderReference(order);
      const issued = await certificate.up({
        account: orderArgs["account"] ?? account,
        order: reference,
        propagation: { check: "none" },
        preflight: false,
        ...certificateArgs,
      });
      return [ordered, recorded, issued];
    },
  };
}

const NOT_FOUND = { type: "unauthorized", detail: "no TXT record found" };

/** The fields that the class picks. */
function orderReference({ state }: ResourceRun): Properties {
  const fields = [
    "orderUrl",
    "dnsNames",
    "challenge",
    "profile",
    "renewBefore",
    "useRenewalInfo",
    "isRenewal",
  ];
  return Object.fromEntries(fields.map((field) => [field, state[field]]));
}

function valuesOf({ state }: ResourceRun): Value[] {
  return state["challenges"] as Value[];
}

/** As DNS resources of somebody else's do it: one for each name, which changes when its value does. */
function keepRecords(zone: Zone, values: readonly Value[]): string {
  const wanted = new Map<string, Set<string>>();
  for (const { name, value } of values) {
    wanted.set(name, new Set([...(wanted.get(name) ?? []), value]));
  }
  const before = JSON.stringify([...zone].map(([name, held]) => [name, [...held]]));
  zone.clear();
  for (const [name, held] of wanted) zone.set(name, held);
  const after = JSON.stringify([...zone].map(([name, held]) => [name, [...held]]));
  return before === after ? "unchanged" : "updated";
}

function isAnswered(zone: Zone, { identifier, keyAuthorization }: ChallengeAttempt): boolean {
  const digest = createHash("sha256").update(keyAuthorization).digest("base64url");
  return zone.get(`_acme-challenge.${identifier.value}`)?.has(digest) === true;
}

/** Moves the certificate that the order knows of, so that it is due. */
function makeDue(order: ResourceRun, left = 20): void {
  const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  const own = privateOf(order.state);
  const certificate = own["certificate"] as Properties;
  order.state = {
    ...order.state,
    renewAt: at(-1),
    __state: {
      ...own,
      certificate: { ...certificate, notBefore: at(left - 90), notAfter: at(left) },
    },
  };
}

const orderUrlOf = (run: ResourceRun): unknown => run.state["orderUrl"];
const fingerprintOf = (run: ResourceRun): unknown => factsOf(run.state).fingerprintSha256;

beforeEach(() => {
  orderOutcomes.clear();
});

describe("the first up", () => {
  it("places an order, gives its records as data, and the certificate finishes it", async () => {
    const { ca, order, certificate, up } = await start();
    expect(await up()).toEqual(["created", "updated", "created"]);
    expect(valuesOf(order).map(({ dnsName, name }) => [dnsName, name])).toEqual([
      ["*.example.com", "_acme-challenge.example.com"],
      ["example.com", "_acme-challenge.example.com"],
    ]);
    expect(order.state).toMatchObject({ status: "pending", challenge: "dns-01", dnsNames: names });
    expect(certificate.state["dnsNames"]).toEqual(names);
    expect(ca.count("newOrder")).toBe(1);
    ca.assertNoDeviations();
  });

  it("gives the path and the body for http-01", async () => {
    const { account, order, ca } = await start();
    await order.up({ account, dnsNames: ["a.example"], challenge: "http-01" });
    const [value] = valuesOf(order);
    expect(value?.name).toMatch(/^\/\.well-known\/acme-challenge\/[\w-]{22,}$/);
    expect(value?.value.split(".")[0]).toBe(value?.name.split("/").at(-1));
    ca.assertNoDeviations();
  });

  it("needs no record where every name is proven already", async () => {
    const { ca, order, certificate, up } = await start({ readyAtOnce: true });
    await up();
    expect(valuesOf(order).map(({ value }) => value)).toEqual(["none-required", "none-required"]);
    expect(certificate.state["fullchainPem"]).toBeDefined();
    expect(ca.count("challenge")).toBe(0);
    ca.assertNoDeviations();
  });

  it("names what the CA offers where it does not offer the challenge", async () => {
    const { up } = await start({ challengeTypes: ["tls-alpn-01"] });
    await expect(up({ dnsNames: ["a.example"] })).rejects.toThrow(
      "the order cannot be answered by dns-01: a.example: the CA offers tls-alpn-01",
    );
  });

  it("that fails after the order goes on with it next time", async () => {
    const { ca, order, up } = await start();
    ca.instead("authorization", 1, () =>
      problem(403, { type: "unauthorized", detail: "not today" }),
    );
    await expect(up()).rejects.toThrow("not today");
    expect(privateOf(order.state)["pending"]).toHaveProperty("orderUrl");
    expect(await up()).toEqual(["updated", "updated", "created"]);
    expect(privateOf(order.state)).not.toHaveProperty("pending");
    expect(ca.count("newOrder")).toBe(1);
  });

  it("that fails after the order places another where other dates are asked for meanwhile", async () => {
    const { ca, up } = await start();
    ca.instead("authorization", 1, () =>
      problem(403, { type: "unauthorized", detail: "not today" }),
    );
    await expect(up({ notAfter: "2030-01-01T00:00:00Z" })).rejects.toThrow("not today");
    await up({ notAfter: "2031-01-01T00:00:00Z" });
    expect(ca.count("newOrder")).toBe(2);
  });

  it("that the CA asks to wait for sends nothing before its time", async () => {
    const { ca, up } = await start();
    const detail = "too many orders";
    ca.instead("newOrder", "every", () =>
      problem(429, { type: "rateLimited", detail }, { "Retry-After": "3600" }),
    );
    await expect(up()).rejects.toThrow(detail);
    const before = ca.requests.length;
    await expect(up()).rejects.toThrow(/nothing was sent: the CA asked to come back after/);
    expect(ca.requests.length).toBe(before);
  });
});

describe("an up when nothing is due", () => {
  it("changes nothing, and looks at the order once", async () => {
    const { ca, up } = await start();
    await up();
    const before = ca.requests.length;
    expect(await up()).toEqual(["unchanged", "unchanged", "unchanged"]);
    const endpoints = ca.requests.slice(before).map(({ endpoint }) => endpoint);
    expect(endpoints).toEqual(["order", "certificate", "renewalInfo"]);
  });

  it("sends nothing once a refresh has seen the certificate", async () => {
    const { ca, order, certificate, up } = await start();
    await up();
    await order.refresh();
    expect(order.state).toMatchObject({ status: "valid" });
    expect(order.state["renewAt"]).toBe(certificate.state["renewAt"]);
    const before = ca.requests.length;
    expect(await up()).toEqual(["unchanged", "unchanged", "unchanged"]);
    expect(ca.requests.length).toBe(before);
  });

  it("is not disturbed by a CA that does not answer, which is asked once", async () => {
    const { ca, account, order, up } = await start();
    await up();
    const second = resourceRun(orderHandler);
    await second.up({ account, dnsNames: ["b.example"], challenge: "dns-01" });
    ca.instead("order", "every", () => problem(503, { type: "serverInternal", detail: "down" }));
    orderOutcomes.clear();
    const before = ca.count("order");
    expect(await order.up({ account, dnsNames: names, challenge: "dns-01" })).toBe("unchanged");
    const asked = ca.count("order") - before;
    expect(asked).toBeGreaterThan(0);
    expect(await second.up({ account, dnsNames: ["b.example"], challenge: "dns-01" })).toBe(
      "unchanged",
    );
    expect(ca.count("order") - before).toBe(asked);
  });

  it("waits five seconds at most for a CA that is silent", { timeout: 20_000 }, async () => {
    const { ca, up } = await start();
    await up();
    ca.instead("order", "every", () => "silence");
    const began = Date.now();
    expect(await up()).toEqual(["unchanged", "unchanged", "unchanged"]);
    expect(Date.now() - began).toBeLessThan(8000);
  });

  it("takes over renewal settings without a new order", async () => {
    const { ca, order, certificate, up } = await start();
    await up();
    expect(await up({ renewBefore: "10d", useRenewalInfo: false })).toEqual([
      "updated",
      "unchanged",
      "updated",
    ]);
    const left = Date.parse(String(certificate.state["notAfter"])) - 10 * 86_400_000;
    expect(Date.parse(String(order.state["renewAt"]))).toBe(left);
    expect(Date.parse(String(certificate.state["renewAt"]))).toBe(left);
    expect(ca.count("newOrder")).toBe(1);
  });
});

describe("a renewal", () => {
  it("updates order, records and certificate in one up, and says what it replaces", async () => {
    const { ca, order, certificate, up } = await start();
    await up();
    await order.refresh();
    makeDue(order);
    const before = [orderUrlOf(order), fingerprintOf(certificate)];
    expect(await up()).toEqual(["updated", "updated", "updated"]);
    expect(orderUrlOf(order)).not.toBe(before[0]);
    expect(fingerprintOf(certificate)).not.toBe(before[1]);
    expect(order.state["isRenewal"]).toBe(true);
    expect([...ca.state.orders.values()].map(({ replaces }) => replaces !== undefined)).toEqual([
      false,
      true,
    ]);
    expect(await up()).toEqual(["unchanged", "unchanged", "unchanged"]);
    ca.assertNoDeviations();
  });

  it("is found due by the look alone, without any refresh", async () => {
    const { ca, up } = await start();
    await up();
    ca.on("renewalInfo", 1, (response) => {
      const suggestedWindow = { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" };
      return { ...response, body: JSON.stringify({ suggestedWindow }) };
    });
    expect(await up()).toEqual(["updated", "updated", "updated"]);
    expect(await up()).toEqual(["unchanged", "unchanged", "unchanged"]);
  });

  it("is ordered once, and not in every run, where each certificate has expired when it is issued", async () => {
    const { ca, order, up } = await start();
    const { pem, privateKeyPem } = await issueLeaf(await createIssuer("Root"), {
      dnsNames: names,
      notBefore: Date.now() - 90 * DAY,
      notAfter: Date.now() - DAY,
    });
    ca.on("certificate", "every", (response) => ({ ...response, body: pem }));
    for (let run = 0; run < 4; run++) {
      await expect(up({}, { privateKeyPem })).rejects.toThrow("the certificate has expired");
    }
    expect(ca.count("newOrder")).toBe(2);
    orderOutcomes.clear();
    await order.refresh();
    const wait = Date.parse(order.state["renewAt"] as string) - Date.now();
    expect(wait / DAY).toBeCloseTo(2, 1);
  });

  it("is ordered once, and not in every run, where the CA wants each certificate renewed at once", async () => {
    const { ca, up } = await start();
    const suggestedWindow = { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" };
    ca.on("renewalInfo", "every", (response) => ({
      ...response,
      body: JSON.stringify({ suggestedWindow }),
    }));
    await up();
    expect(await up()).toEqual(["updated", "updated", "updated"]);
    for (let run = 0; run < 3; run++) {
      expect((await up())[2]).toBe("unchanged");
    }
    expect(ca.count("newOrder")).toBe(2);
  });

  it("changes no record where the authorizations are valid still", async () => {
    const { order, up, ca } = await start({ authorizationReuse: true });
    await up();
    await order.refresh();
    makeDue(order);
    const values = valuesOf(order);
    expect(await up()).toEqual(["updated", "unchanged", "updated"]);
    expect(valuesOf(order)).toEqual(values);
    expect(ca.count("challenge")).toBe(2);
  });

  it("that fails is a warning while enough validity is left, and backs off", async () => {
    const { ca, order, up } = await start();
    await up();
    await order.refresh();
    makeDue(order);
    refuseOneOrder(ca);
    const url = orderUrlOf(order);
    expect(await up()).toEqual(["updated", "unchanged", "unchanged"]);
    expect(order.warnings().join()).toMatch(/the renewal failed.*not today/);
    expect(orderUrlOf(order)).toBe(url);
    expect(privateOf(order.state)).toMatchObject({ failureCount: 1 });
    expect(await up()).toEqual(["unchanged", "unchanged", "unchanged"]);
    letTimePass(order);
    expect(await up()).toEqual(["updated", "updated", "updated"]);
  });

  it("that fails with little validity left is an error", async () => {
    const { ca, order, up } = await start();
    await up();
    await order.refresh();
    makeDue(order, 3);
    refuseOneOrder(ca);
    await expect(up()).rejects.toThrow("not today");
  });

  it("whose validation fails is a warning; the next up orders again, and later ones wait", async () => {
    const state: { broken: boolean } = { broken: false };
    const { order, certificate, up, ca } = await start({
      validate: () => (state.broken ? NOT_FOUND : undefined),
    });
    await up();
    await order.refresh();
    makeDue(order);
    state.broken = true;
    const old = fingerprintOf(certificate);
    expect(await up()).toEqual(["updated", "updated", "updated"]);
    expect(certificate.warnings().join()).toMatch(/the renewal failed.*no TXT record found/);
    expect(fingerprintOf(certificate)).toBe(old);

    expect(await up()).toEqual(["updated", "updated", "updated"]);
    expect(privateOf(order.state)).toMatchObject({ failureCount: 1 });
    expect(ca.state.orders.size).toBe(3);
    // Dead again, a minute too early.
    expect(await up()).toEqual(["unchanged", "unchanged", "unchanged"]);
    expect(ca.state.orders.size).toBe(3);

    state.broken = false;
    letTimePass(order);
    letTimePass(certificate);
    expect(await up()).toEqual(["updated", "updated", "updated"]);
    expect(fingerprintOf(certificate)).not.toBe(old);
  });
});

/** Twice, because it may be the `replaces` that a CA refuses, and the client asks again without. */
function refuseOneOrder(ca: StrictServer): void {
  const refuse = () => problem(403, { type: "unauthorized", detail: "not today" });
  ca.instead("newOrder", 1, refuse);
  ca.instead("newOrder", 2, refuse);
}

function letTimePass(run: ResourceRun): void {
  const past = {
    ...(run.state["lastFailure"] as Properties),
    nextAttemptAt: "2020-01-01T00:00:00Z",
  };
  run.state = { ...run.state, lastFailure: past };
}

describe("a change", () => {
  it("of the names orders anew, and the certificate follows", async () => {
    const { certificate, up } = await start();
    await up();
    const dnsNames = ["*.example.com", "example.com", "www.example.org"];
    expect(await up({ dnsNames })).toEqual(["updated", "updated", "updated"]);
    expect(certificate.state["dnsNames"]).toEqual(dnsNames);
    expect(await up({ dnsNames })).toEqual(["unchanged", "unchanged", "unchanged"]);
  });

  it.each<[string, Properties]>([
    ["the triggers", { triggers: [1] }],
    ["the validity", { notAfter: "2036-01-01T00:00:00Z" }],
  ])("of %s orders anew", async (_what, change) => {
    const { up, ca } = await start();
    await up();
    expect(await up(change)).toEqual(["updated", "updated", "updated"]);
    expect(ca.count("newOrder")).toBe(2);
  });

  it("of the key with an order that is used up names the remedy, and the old certificate stays", async () => {
    const { certificate, up } = await start();
    await up();
    const old = fingerprintOf(certificate);
    await expect(up({}, { keyType: "P384" })).rejects.toThrow(
      /is used up: it led to a certificate with another key. A change of the AcmeOrder's `triggers`/,
    );
    expect(fingerprintOf(certificate)).toBe(old);
    expect(await up({ triggers: ["P384"] }, { keyType: "P384" })).toEqual([
      "updated",
      "updated",
      "updated",
    ]);
    expect(fingerprintOf(certificate)).not.toBe(old);
  });

  it("of the account's key at the same URL is taken over without the CA", async () => {
    const { account, order, up, ca } = await start();
    await up();
    await order.refresh();
    const before = ca.requests.length;
    expect(
      await up({ account: { ...account, caBundlePem: `${account.caBundlePem ?? ""}\n` } }),
    ).toEqual(["updated", "unchanged", "updated"]);
    expect(ca.requests.length).toBe(before);
  });
});

describe("an order that is of no use any more is replaced, without an error", () => {
  it("when it expired", async () => {
    const { ca, account, order, certificate, up } = await start();
    await order.up({ account, dnsNames: names, challenge: "dns-01" });
    ca.on("order", "every", (response) => {
      const object = JSON.parse(response.body) as Properties;
      if (object["status"] !== "pending") return response;
      return { ...response, body: JSON.stringify({ ...object, expires: "2020-01-01T00:00:00Z" }) };
    });
    const url = orderUrlOf(order);
    expect(await up()).toEqual(["updated", "updated", "created"]);
    expect(orderUrlOf(order)).not.toBe(url);
    expect(certificate.state["fullchainPem"]).toBeDefined();
  });

  it("when the CA has forgotten it", async () => {
    const { ca, account, order, up } = await start();
    await order.up({ account, dnsNames: names, challenge: "dns-01" });
    ca.state.orders.clear();
    expect(await up()).toEqual(["updated", "updated", "created"]);
    expect(ca.count("newOrder")).toBe(2);
  });

  it("when an authorization was deactivated, seen by a refresh", async () => {
    const { ca, account, order, up } = await start();
    await order.up({ account, dnsNames: names, challenge: "dns-01" });
    for (const authorization of ca.state.authorizations.values())
      authorization.status = "deactivated";
    orderOutcomes.clear();
    await order.refresh();
    expect(order.state).toMatchObject({ status: "invalid" });
    expect(await up()).toEqual(["updated", "updated", "created"]);
  });

  it("when another account has taken over", async () => {
    const { ca, account, order, certificate, up } = await start();
    await order.up({ account, dnsNames: names, challenge: "dns-01" });
    const other = await registerAccount(ca);
    expect(await up({ account: other })).toEqual(["updated", "updated", "created"]);
    expect(certificate.state["issuedBy"]).toBe(other.accountUrl);
    // From the next renewal on, where the certificate is there already.
    expect(await up({ account })).toEqual(["updated", "unchanged", "updated"]);
    expect(certificate.state["issuedBy"]).toBe(other.accountUrl);
    expect(ca.count("newOrder")).toBe(2);
  });

  it("when its validation failed: the next up mends order, records and certificate", async () => {
    const state: { broken: boolean } = { broken: true };
    const { order, certificate, up, ca } = await start({
      validate: () => (state.broken ? NOT_FOUND : undefined),
    });
    await expect(up()).rejects.toThrow(/could not validate .*no TXT record found/);
    const url = orderUrlOf(order);
    state.broken = false;
    expect(await up()).toEqual(["updated", "updated", "updated"]);
    expect(orderUrlOf(order)).not.toBe(url);
    expect(certificate.state["fullchainPem"]).toBeDefined();
    expect(await up()).toEqual(["unchanged", "unchanged", "unchanged"]);
    ca.assertNoDeviations();
  });
});

describe("an interrupted certificate", () => {
  it("is finished by the next up with its key and without another order", async () => {
    const { ca, up } = await start();
    ca.instead("certificate", 1, () => problem(403, { type: "unauthorized", detail: "not today" }));
    await expect(up()).rejects.toThrow("not today");
    expect(await up()).toEqual(["unchanged", "unchanged", "updated"]);
    expect(ca.count("newOrder")).toBe(1);
    expect(ca.count("finalize")).toBe(1);
  });
});

describe("destroying", () => {
  it("needs no CA", async () => {
    const { ca, order, certificate, up } = await start();
    await up();
    await ca.stop();
    const before = ca.requests.length;
    await certificate.destroy();
    await order.destroy();
    expect(ca.requests.length).toBe(before);
  });

  it("and refreshing with the CA down keeps the state, with a warning", async () => {
    const { ca, order, up } = await start();
    await up();
    const { state } = order;
    ca.instead("order", "every", () => problem(503, { type: "serverInternal", detail: "down" }));
    orderOutcomes.clear();
    // What is said is heard by `up` and `destroy` only; the state is what counts.
    await order.refresh();
    expect(orderUrlOf(order)).toBe(state["orderUrl"]);
    expect(order.state).toMatchObject({ status: "pending" });
    expect(order.warnings().join()).toMatch(/the order's state is kept/);
  });
});
