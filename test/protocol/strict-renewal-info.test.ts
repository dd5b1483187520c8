/** ACME Renewal Information: what a CA may answer, and that nothing of it stops anybody (RFC 9773). */
import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { certId, getRenewalInfo } from "../../sdk/acme";
import { describeCertificate } from "../../sdk/x509/certificate";
import { json, problem, type StrictResponse } from "../support/ca/strict-server";
import { dnsNames, issue } from "../support/ca/issue";
import { startBoth, startWithAccount, withHeaders } from "../support/ca/strict";

const HOUR = 3_600_000;
const id = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
const suggestedWindow = { start: "2026-01-02T04:00:00+01:00", end: "2026-01-03T00:00:00.5Z" };

test("the window of a certificate is found by its identifier, whatever its serial number", async () => {
  const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
  // Half of the serial numbers have a leading zero in DER.
  for (let n = 0; n < 6; n++) {
    const request = { identifiers: dnsNames(`n${String(n)}.example`) };
    const { certificate } = await issue(client.client, credentials, request, new Map());
    const { authorityKeyIdentifier, serialNumberDer } = describeCertificate(certificate.chainPem);
    const info = await getRenewalInfo(
      client.client,
      certId(authorityKeyIdentifier ?? new Uint8Array(), serialNumberDer),
    );
    const { validFrom, validTo } = new X509Certificate(certificate.chainPem);
    expect(info?.window?.start.getTime()).toBeGreaterThan(Date.parse(validFrom));
    expect(info?.window?.end.getTime()).toBeLessThan(Date.parse(validTo));
  }
  ca.assertNoDeviations();
});

test("is read with any offset, and Retry-After kept between a minute and a day", async () => {
  const now = Date.now();
  const { ca, client } = await startBoth({}, { now: () => now });
  const answer =
    (retryAfter: string | undefined, members: object = {}) =>
    (): StrictResponse =>
      json(
        200,
        { suggestedWindow, ...members },
        retryAfter === undefined ? {} : { "retry-after": retryAfter },
      );
  ca.instead("renewalInfo", 1, answer("21600", { explanationURL: "https://ca.example/why" }));
  expect(await getRenewalInfo(client.client, id)).toEqual({
    window: { start: new Date("2026-01-02T03:00:00Z"), end: new Date("2026-01-03T00:00:00.500Z") },
    explanationUrl: "https://ca.example/why",
    retryAfterAt: now + 6 * HOUR,
  });
  for (const [retryAfter, expected] of [
    ["0", 60_000],
    ["99999999999", 24 * HOUR],
    ["soon", 6 * HOUR],
    [undefined, 6 * HOUR],
  ] as const) {
    ca.instead("renewalInfo", 1, answer(retryAfter));
    const info = await getRenewalInfo(client.client, id);
    expect((info?.retryAfterAt ?? 0) - now).toBe(expected);
  }
  expect(ca.requests.at(-1)?.path).toBe(`/acme/renewal-info/${id}`);
  ca.assertNoDeviations();
});

test.each([
  ["HTML", { status: 200, headers: { "content-type": "text/html" }, body: "<html>" }],
  ["malformed JSON", { status: 200, headers: {}, body: '{"suggestedWindow":' }],
  ["no window", json(200, { suggestedWindow: null })],
  [
    "a window that ends before it starts",
    json(200, { suggestedWindow: { start: suggestedWindow.end, end: suggestedWindow.start } }),
  ],
  [
    "a window of no length",
    json(200, { suggestedWindow: { start: suggestedWindow.end, end: suggestedWindow.end } }),
  ],
  ["instants that are none", json(200, { suggestedWindow: { start: "tomorrow", end: "2026" } })],
  ["numbers", json(200, { suggestedWindow: { start: 1, end: 2 } })],
])("%s says nothing but when to ask again", async (_, response) => {
  const now = Date.now();
  const { ca, client } = await startBoth({}, { now: () => now });
  ca.instead("renewalInfo", 1, () => response);
  expect(await getRenewalInfo(client.client, id)).toEqual({ retryAfterAt: now + 6 * HOUR });
  ca.instead("renewalInfo", 1, () => withHeaders(response, { "retry-after": "7200" }));
  expect(await getRenewalInfo(client.client, id)).toEqual({ retryAfterAt: now + 2 * HOUR });
  expect(ca.count("renewalInfo")).toBe(2);
});

test("404 without a time is no answer: the CA does not know the certificate yet", async () => {
  const { ca, client } = await startBoth();
  ca.instead("renewalInfo", 1, () => problem(404, { type: "malformed" }));
  expect(await getRenewalInfo(client.client, id)).toBeUndefined();
});

test("a CA that fails is asked five times, and then again in six hours", async () => {
  const now = Date.now();
  const { ca, client } = await startBoth({}, { now: () => now });
  ca.instead("renewalInfo", "every", () => ({ status: 500, headers: {}, body: "" }));
  expect(await getRenewalInfo(client.client, id)).toEqual({ retryAfterAt: now + 6 * HOUR });
  expect(ca.count("renewalInfo")).toBe(5);
});

test.each([500, 503, 429])(
  "a CA that fails with %d and names a time is asked then",
  async (status) => {
    const now = Date.now();
    const { ca, client } = await startBoth({}, { now: () => now });
    ca.instead("renewalInfo", "every", () => ({
      status,
      headers: { "retry-after": "120" },
      body: "",
    }));
    expect(await getRenewalInfo(client.client, id)).toEqual({ retryAfterAt: now + 120_000 });
    expect(ca.count("renewalInfo")).toBe(1);
  },
);

test("a CA without renewal information is not asked", async () => {
  const { ca, client } = await startBoth({ renewalInfo: false });
  expect(await getRenewalInfo(client.client, id)).toBeUndefined();
  expect(ca.requests.map(({ endpoint }) => endpoint)).toEqual(["directory"]);
});

test("only the caller's own signal makes it throw", async () => {
  const { ca, client } = await startBoth();
  ca.instead("renewalInfo", "every", () => "silence");
  const signal = AbortSignal.timeout(100);
  await expect(getRenewalInfo(client.client, id, { signal })).rejects.toThrow();
});
