/** A whole issuance against the strict server, which verifies every request. */
import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { dnsNames, issue } from "../support/ca/issue";
import { connectTo, startWithAccount } from "../support/ca/strict";

describe("a whole issuance", () => {
  test("is 7 requests with a warm client, and 9 in a new process with a known account", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { certificate } = await issue(
      client.client,
      credentials,
      { identifiers: dnsNames("a.example") },
      new Map(),
    );
    expect(client.requests).toHaveLength(7);
    const leaf = new X509Certificate(certificate.chainPem);
    expect(leaf.subjectAltName).toBe("DNS:a.example");
    ca.assertNoDeviations();

    // Another process with the same account: directory and nonce besides.
    const other = connectTo(ca);
    await issue(other.client, credentials, { identifiers: dnsNames("b.example") }, new Map());
    expect(other.requests).toHaveLength(9);
    ca.assertNoDeviations();
  });

  test("of many names asks for no more nonces than there are requests at once", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const names = Array.from({ length: 40 }, (_, index) => `n${String(index)}.example`);
    await issue(client.client, credentials, { identifiers: dnsNames(...names) }, new Map());
    expect(ca.count("newNonce")).toBeLessThanOrEqual(10);
    ca.assertNoDeviations();
  });

  test("answers no challenge where the authorization is valid already", async () => {
    const { ca, client, credentials } = await startWithAccount({ authorizationReuse: true });
    const request = { identifiers: dnsNames("a.example") };
    await issue(client.client, credentials, request, new Map());
    await issue(client.client, credentials, request, new Map());
    expect(ca.count("challenge")).toBe(1);
    ca.assertNoDeviations();
  });

  test("goes straight to finalize where the order is ready at once", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    await issue(client.client, credentials, { identifiers: dnsNames("a.example") }, new Map());
    expect(ca.count("authorization")).toBe(0);
    ca.assertNoDeviations();
  });

  test("sends the profile, and gives it back in the order", async () => {
    const { ca, client, credentials } = await startWithAccount({ profiles: { short: "six days" } });
    const { order } = await issue(
      client.client,
      credentials,
      { identifiers: dnsNames("a.example"), profile: "short" },
      new Map(),
    );
    expect(order.profile).toBe("short");
    ca.assertNoDeviations();
  });

  test("covers addresses and wildcards' names as they stand in the order", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    const { certificate } = await issue(
      client.client,
      credentials,
      {
        identifiers: [
          { type: "dns", value: "*.example.com" },
          { type: "ip", value: "2001:db8::1" },
        ],
      },
      new Map(),
    );
    expect(new X509Certificate(certificate.chainPem).subjectAltName).toContain("DNS:*.example.com");
    ca.assertNoDeviations();
  });
});
