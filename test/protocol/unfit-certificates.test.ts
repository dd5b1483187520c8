/** `AcmeCertificate`'s handler where the CA sends a certificate that is of no use, or sends it in an odd form. */
import { beforeAll, describe, expect, it } from "vitest";

import type { Properties } from "../../sdk/provider/engine/handler";
import { failureOf, handler, startCa } from "../support/ca/certificate-strict";
import { factsOf, privateOf } from "../support/ca/state";
import { withMembers } from "../support/ca/strict";
import type { StrictServer } from "../support/ca/strict-server";
import {
  createIssuer,
  DAY,
  issueLeaf,
  type Issuer,
  type Leaf,
} from "../support/x509/chain-fixture";

const HOUR = 3_600_000;

let root: Issuer;
let issuer: Issuer;

beforeAll(async () => {
  root = await createIssuer("Root");
  issuer = await createIssuer("Issuer", root);
});

/** A certificate for the names of the tests that is valid from `start` to `end` days from now. */
function leafFor(start: number, end: number, privateKeyPem?: string): Promise<Leaf> {
  const [notBefore, notAfter] = [start, end].map((days) => Date.now() + days * DAY);
  const dnsNames = ["a.example", "b.example"];
  return issueLeaf(issuer, { dnsNames, notBefore, notAfter, privateKeyPem });
}

function send(ca: StrictServer, chainPem: string): void {
  ca.on("certificate", "every", (response) => ({ ...response, body: chainPem }));
}

/** The state after a first run that fails. */
async function firstFailure(wanted: Properties): Promise<Properties> {
  const { properties = {} } = await failureOf(handler.create(wanted));
  return properties;
}

describe("a CA whose certificates are of no use costs one order, however often it is tried", () => {
  const good = (): Promise<Leaf> => leafFor(-1, 89);

  it.each<[string, [number, number], RegExp]>([
    ["they have expired", [-90, -1], /has expired/],
    ["they are valid in two days", [2, 90], /is not valid yet/],
  ])("where %s", async (_, days, message) => {
    const { ca, asked } = await startCa();
    const leaf = await leafFor(...days);
    const wanted = asked({ privateKeyPem: leaf.privateKeyPem });
    send(ca, leaf.pem + issuer.pem);
    let state = await firstFailure(wanted);
    for (let run = 0; run < 3; run++) {
      const failure = await failureOf(handler.update("id", state, wanted));
      expect(failure.message).toMatch(message);
      expect(failure.message).toMatch(/the next runs ask again for this certificate.*triggers/);
      state = failure.properties ?? {};
    }
    expect(ca.count("newOrder")).toBe(1);
    expect(ca.count("finalize")).toBe(1);
  });

  it("where they are for another key, lack a name, or are gone", async () => {
    const [key, other] = [await good(), await good()];
    const few = await issueLeaf(issuer, {
      dnsNames: ["a.example"],
      notAfter: Date.now() + 9 * DAY,
    });
    for (const body of [other.pem, few.pem, undefined]) {
      const { ca, asked } = await startCa();
      const wanted = asked({
        privateKeyPem: body === few.pem ? few.privateKeyPem : key.privateKeyPem,
      });
      if (body === undefined) {
        ca.instead("certificate", "every", () => ({ status: 404, headers: {}, body: "" }));
      } else send(ca, body + issuer.pem);
      const state = await firstFailure(wanted);
      await failureOf(handler.update("id", state, wanted));
      expect(ca.count("newOrder")).toBe(1);
    }
  });

  it("where the order is valid and never names them", async () => {
    const { ca, asked } = await startCa();
    ca.on("order", "every", (response) => withMembers(response, { certificate: undefined }));
    let state = await firstFailure(asked({ timeout: "20s" }));
    for (let run = 0; run < 2; run++) {
      const { message, properties = {} } = await failureOf(handler.update("id", state, asked()));
      expect(message).toMatch(/is valid without a certificate/);
      state = properties;
    }
    expect(ca.count("newOrder")).toBe(1);
  });

  it("until the CA is mended, which the next run notices", async () => {
    const { ca, asked } = await startCa();
    const [expired, mended] = [await leafFor(-90, -1), await good()];
    const wanted = asked({ privateKeyPem: mended.privateKeyPem });
    ca.on("certificate", 1, (response) => ({ ...response, body: expired.pem + issuer.pem }));
    const state = await firstFailure(wanted);
    send(ca, mended.pem + issuer.pem);
    const { outs } = await handler.update("id", state, wanted);
    expect(outs["fullchainPem"]).toBe(mended.pem + issuer.pem);
    expect(privateOf(outs)["pending"]).toBeUndefined();
    expect(ca.count("newOrder")).toBe(1);
  });

  it("until two days have passed, or the triggers change", async () => {
    const { ca, asked } = await startCa();
    const leaf = await leafFor(-90, -1);
    const wanted = asked({ privateKeyPem: leaf.privateKeyPem });
    send(ca, leaf.pem + issuer.pem);
    const state = await firstFailure(wanted);
    await failureOf(
      handler.update("id", state, asked({ privateKeyPem: leaf.privateKeyPem, triggers: [1] })),
    );
    expect(ca.count("newOrder")).toBe(2);
    const pending = privateOf(state)["pending"] as Properties;
    const unfitSince = new Date(Date.now() - 2 * DAY).toISOString();
    const later = { ...state, __state: { pending: { ...pending, unfitSince } } };
    await failureOf(handler.update("id", later, wanted));
    expect(ca.count("newOrder")).toBe(3);
  });
});

it("A former run's order whose certificate has expired since is replaced at once", async () => {
  const { ca, asked } = await startCa();
  const fresh = await leafFor(-1, 89);
  const old = await leafFor(-90, -1, fresh.privateKeyPem);
  const wanted = asked({ privateKeyPem: fresh.privateKeyPem });
  const answers = [undefined, old, fresh];
  ca.on("certificate", "every", (response) => {
    const leaf = answers.shift();
    return leaf === undefined
      ? { status: 403, headers: {}, body: "" }
      : { ...response, body: leaf.pem + issuer.pem };
  });
  const state = await firstFailure(wanted);
  const { outs } = await handler.update("id", state, wanted);
  expect(outs["fullchainPem"]).toBe(fresh.pem + issuer.pem);
  expect(ca.count("newOrder")).toBe(2);
});

it("A certificate that is valid in some hours is used, with a warning: clocks differ", async () => {
  const { ca, asked } = await startCa();
  const leaf = await leafFor(6 / 24, 89);
  send(ca, leaf.pem + issuer.pem);
  const { outs } = await handler.create(asked({ privateKeyPem: leaf.privateKeyPem }));
  expect(Date.parse(outs["notBefore"] as string) - Date.now()).toBeGreaterThan(5 * HOUR);
});

describe("a chain out of order", () => {
  it.each<[string, (leaf: Leaf) => string[]]>([
    ["with the certificate last", (leaf) => [issuer.pem, leaf.pem]],
    ["from the root down", (leaf) => [root.pem, issuer.pem, leaf.pem]],
    ["with the root before its child", (leaf) => [leaf.pem, root.pem, issuer.pem]],
  ])("%s is put in order (PKISharp/ACME-PS#120)", async (_, sent) => {
    const { ca, asked } = await startCa();
    const leaf = await leafFor(-1, 89);
    const certificates = sent(leaf);
    send(ca, certificates.join(""));
    const { outs } = await handler.create(asked({ privateKeyPem: leaf.privateKeyPem }));
    const up = [leaf.pem, issuer.pem, root.pem].filter((pem) => certificates.includes(pem));
    expect(outs["fullchainPem"]).toBe(up.join(""));
    expect(factsOf(outs).dnsNames).toEqual(["a.example", "b.example"]);
    expect(ca.count("newOrder")).toBe(1);
  });

  it("that is none is refused, and not ordered again", async () => {
    const { ca, asked } = await startCa();
    const leaf = await leafFor(-1, 89);
    const stranger = await createIssuer("Stranger");
    send(ca, stranger.pem + leaf.pem + issuer.pem);
    const wanted = asked({ privateKeyPem: leaf.privateKeyPem });
    const state = await firstFailure(wanted);
    const { message } = await failureOf(handler.update("id", state, wanted));
    expect(message).toMatch(
      /the chain is broken: the certificate for our key is not its first one/,
    );
    expect(ca.count("newOrder")).toBe(1);
  });
});
