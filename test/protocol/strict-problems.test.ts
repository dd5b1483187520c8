/** Error answers of every make (RFC 8555 §6.7). */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { AcmeProblemError, getOrder, newOrder } from "../../sdk/acme";
import { dnsNames } from "../support/ca/issue";
import { startWithAccount } from "../support/ca/strict";

const problemJson = { "content-type": "application/problem+json" };
const text = { "content-type": "text/plain" };

test.each([
  ["without a type", problemJson, '{"detail":"no such thing"}', "HTTP 400: no such thing"],
  [
    "with the drafts' prefix",
    problemJson,
    '{"type":"urn:acme:error:malformed","detail":"x"}',
    "malformed: x",
  ],
  [
    "without any prefix",
    problemJson,
    '{"type":"unsupportedIdentifier","detail":"x"}',
    "unsupportedIdentifier: x",
  ],
  [
    "with a foreign type",
    problemJson,
    '{"type":"https://ca.example/e/7","detail":"x"}',
    "https://ca.example/e/7: x",
  ],
  ["without a status", problemJson, '{"type":"urn:ietf:params:acme:error:dns"}', "dns"],
  [
    "of a wrong media type",
    { "content-type": "application/json; charset=latin1" },
    '{"type":"urn:ietf:params:acme:error:caa","detail":"x"}',
    "caa: x",
  ],
  [
    "as a JSON string",
    { "content-type": "application/json" },
    '"ARI Feature not enabled"',
    "HTTP 400: ARI Feature not enabled",
  ],
  ["as text", text, "404 page not found\n", "HTTP 400: 404 page not found"],
  [
    "as HTML",
    { "content-type": "text/html" },
    "<html><head><title>Oops</title><style>a{}</style></head><h1>Bad\nrequest</h1>",
    "HTTP 400: Bad request",
  ],
  ["as truncated JSON", problemJson, '{"type":"urn:ietf:par', 'HTTP 400: {"type":"urn:ietf:par'],
  ["with nothing in it", {}, "", "HTTP 400"],
  ["with null members", problemJson, '{"type":null,"detail":null,"subproblems":null}', "HTTP 400"],
  [
    "with control characters",
    problemJson,
    '{"type":"dns","detail":"a\\u001b[31mred\\r\\nb"}',
    "dns: a [31mred b",
  ],
])("a problem %s is reported by what there is", async (_, headers, body, expected) => {
  const { ca, client, credentials } = await startWithAccount();
  ca.instead("newOrder", "every", () => ({ status: 400, headers, body }));
  const error: unknown = await newOrder(client.client, credentials, {
    identifiers: dnsNames("a.example"),
  }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AcmeProblemError);
  expect((error as Error).message).toBe(`acme: order for a.example: ${expected}`);
  expect(error).toMatchObject({ status: 400 });
});

test("the words of a CA are cut at 500 characters", async () => {
  const { ca, client, credentials } = await startWithAccount();
  ca.instead("newOrder", 1, () => ({ status: 400, headers: text, body: "x".repeat(5000) }));
  await expect(
    newOrder(client.client, credentials, { identifiers: dnsNames("a.example") }),
  ).rejects.toThrow(/: x{500}…$/);
});

test("badSignatureAlgorithm says what the CA accepts", async () => {
  const { ca, client, credentials } = await startWithAccount();
  const body = JSON.stringify({
    type: "urn:ietf:params:acme:error:badSignatureAlgorithm",
    detail: "not that",
    algorithms: ["RS256", "ES256"],
  });
  ca.instead("newOrder", 1, () => ({ status: 400, headers: problemJson, body }));
  await expect(
    newOrder(client.client, credentials, { identifiers: dnsNames("a.example") }),
  ).rejects.toThrow("badSignatureAlgorithm: not that: it accepts RS256, ES256");
});

test("a compressed body that nobody asked for is not unpacked", async () => {
  const { ca, client, credentials } = await startWithAccount();
  const { url } = await newOrder(client.client, credentials, {
    identifiers: dnsNames("a.example"),
  });
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024)).toString("latin1");
  ca.on("order", "every", (response) => ({
    ...response,
    headers: { ...response.headers, "content-encoding": "gzip" },
    body: bomb,
  }));
  const before = process.memoryUsage().rss;
  await expect(getOrder(client.client, credentials, url)).rejects.toThrow("without a JSON object");
  expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1024 * 1024);
});
