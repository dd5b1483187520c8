/** Dates of certificates and of renewal information that make no sense: nothing crashes, and no run renews what the last one issued. */
import { beforeAll, describe, expect, it } from "vitest";

import type { Properties } from "../../sdk/provider/engine/handler";
import { failureOf, handler, startCa } from "../support/ca/certificate-strict";
import { json, type StrictServer } from "../support/ca/strict-server";
import { createIssuer, DAY, issueLeaf, type Issuer } from "../support/x509/chain-fixture";

let issuer: Issuer;

beforeAll(async () => {
  issuer = await createIssuer("Issuer");
});

/** Has the CA send a certificate that is valid from `notBefore` to `notAfter`; gives the arguments with its key. */
async function issuing(
  ca: StrictServer,
  asked: (changes?: Properties) => Properties,
  notBefore: number,
  notAfter: number,
): Promise<(changes?: Properties) => Properties> {
  const leaf = await issueLeaf(issuer, {
    dnsNames: ["a.example", "b.example"],
    notBefore,
    notAfter,
  });
  ca.on("certificate", "every", (response) => ({ ...response, body: leaf.pem + issuer.pem }));
  return (changes = {}) => asked({ privateKeyPem: leaf.privateKeyPem, ...changes });
}

function suggest(ca: StrictServer, start: string, end: string): void {
  const answer = json(200, { suggestedWindow: { start, end } });
  ca.instead("renewalInfo", "every", () => answer);
}

function inDays(instant: unknown): number {
  return (Date.parse(instant as string) - Date.now()) / DAY;
}

describe("a certificate", () => {
  it("that is valid since 1970 is renewed in the last third of the rest, and not in every run", async () => {
    const { ca, asked } = await startCa({ renewalInfo: false });
    const wanted = await issuing(ca, asked, 0, Date.now() + 90 * DAY);
    const { outs } = await handler.create(wanted());
    expect(inDays(outs["renewAt"])).toBeCloseTo(60, 1);
    expect(await handler.diff("id", outs, wanted())).toEqual({ changes: false });
    const changed = wanted({ timeout: "5m" });
    const { outs: settled } = await handler.update("id", outs, changed);
    expect(inDays(settled["renewAt"])).toBeCloseTo(60, 1);
    expect(settled["notBefore"]).toBe("1970-01-01T00:00:00Z");
    expect(await handler.diff("id", settled, changed)).toEqual({ changes: false });
  });

  it("that is valid until the year 9999 is taken", async () => {
    const { ca, asked } = await startCa();
    const wanted = await issuing(ca, asked, Date.now() - DAY, Date.UTC(9999, 11, 31, 23, 59, 59));
    const { outs } = await handler.create(wanted());
    expect(outs["notAfter"]).toBe("9999-12-31T23:59:59Z");
    expect(await handler.diff("id", outs, wanted())).toEqual({ changes: false });
  });

  it("that ends before it begins is refused", async () => {
    const { ca, asked } = await startCa();
    const wanted = await issuing(ca, asked, Date.now() + DAY / 2, Date.now() + DAY / 4);
    const { message } = await failureOf(handler.create(wanted()));
    expect(message).toMatch(/the certificate ends before it begins: valid from \S+ to \S+/);
  });
});

describe("renewal information", () => {
  it.each([
    ["long past", "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"],
    ["before 1970", "0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"],
  ])(
    "for a window %s has the certificate renewed once, and not in every run",
    async (_, ...window) => {
      const { ca, asked } = await startCa();
      const { outs } = await handler.create(asked());
      suggest(ca, ...window);
      const past = { ...(outs["renewalInfo"] as object), nextCheckAt: "2020-01-01T00:00:00Z" };
      const { props = {} } = await handler.read("id", { ...outs, renewalInfo: past });
      expect(await handler.diff("id", props, asked())).toEqual({ changes: true });
      let { outs: state } = await handler.update("id", props, asked());
      for (let run = 0; run < 2; run++) {
        state = (await handler.read("id", state)).props ?? {};
        expect(await handler.diff("id", state, asked())).toEqual({ changes: false });
      }
      expect(ca.count("newOrder")).toBe(2);
      // Once for each certificate, and once by the first refresh.
      expect(ca.count("renewalInfo")).toBe(3);
    },
  );

  it("for all time and for the far future is no reason to wait until it is too late", async () => {
    for (const start of ["0001-01-01T00:00:00Z", "9998-01-01T00:00:00Z"]) {
      const { ca, asked } = await startCa();
      suggest(ca, start, "9999-12-31T23:59:59Z");
      const { outs } = await handler.create(asked());
      expect(inDays(outs["renewAt"])).toBeLessThanOrEqual(75);
    }
  });
});
