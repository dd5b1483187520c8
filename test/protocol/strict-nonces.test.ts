/** Nonces, given and not given (RFC 8555 §6.5). */
import { describe, expect, test } from "vitest";
import {
  findAccount,
  forOperation,
  getAccount,
  getAuthorization,
  getOrder,
  newOrder,
} from "../../sdk/acme";
import { dnsNames, issue } from "../support/ca/issue";
import type { StrictResponse } from "../support/ca/strict-server";
import { badNonce, startBoth, startWithAccount, withHeaders } from "../support/ca/strict";

describe("a client whose nonce is refused", () => {
  test("sends the same again with the nonce of the error, and asks for no other", async () => {
    const { ca, client, credentials } = await startWithAccount();
    for (const endpoint of ["newOrder", "authorization", "challenge", "finalize"] as const) {
      ca.instead(endpoint, 1, badNonce);
    }
    await issue(client.client, credentials, { identifiers: dnsNames("a.example") }, new Map());
    expect(ca.count("newNonce")).toBe(1);
    expect(ca.count("newOrder")).toBe(2);
    ca.assertNoDeviations();
  });

  test("fetches one nonce where the error brings none", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("account", 1, badNonce);
    ca.on("account", 1, (response) => withHeaders(response, { "replay-nonce": undefined }));
    await getAccount(client.client, credentials);
    expect(ca.count("account")).toBe(2);
    expect(ca.count("newNonce")).toBe(2);
    ca.assertNoDeviations();
  });

  test("throws all nonces away, and recovers in all requests under way", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const names = Array.from({ length: 20 }, (_, index) => `n${String(index)}.example`);
    // Fills the pool.
    await issue(client.client, credentials, { identifiers: dnsNames(...names) }, new Map());
    ca.forgetNonces();
    await Promise.all(
      names.map((name) => newOrder(client.client, credentials, { identifiers: dnsNames(name) })),
    );
    // At most one stale nonce for each request that was under way at once.
    expect(ca.count("newOrder")).toBeLessThanOrEqual(1 + names.length + 10);
    ca.assertNoDeviations();
  });
});

describe("a CA that refuses every nonce", () => {
  test("is sent a request four times, and the error says why that is the end", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", "every", badNonce);
    const asked = newOrder(client.client, credentials, { identifiers: dnsNames("a.example") });
    await expect(asked).rejects.toThrow(
      /order for a\.example: badNonce: stale \(given up after 3 repetitions: the CA refuses the nonces/,
    );
    expect(ca.count("newOrder")).toBe(4);
    ca.assertNoDeviations();
  });

  test("is asked for nothing more in this operation", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const names = Array.from({ length: 40 }, (_, index) => `n${String(index)}.example`);
    const order = await newOrder(client.client, credentials, { identifiers: dnsNames(...names) });
    ca.instead("authorization", "every", badNonce);
    await Promise.allSettled(
      order.authorizations.map((url) => getAuthorization(client.client, credentials, url)),
    );
    // The eleventh refusal ends it, and ten requests are under way at a time.
    expect(ca.count("authorization")).toBeLessThanOrEqual(11 + 10);
    await expect(getOrder(client.client, credentials, order.url)).rejects.toThrow("given up after");
    expect(ca.count("order")).toBe(0);
    await getOrder(forOperation(client.client), credentials, order.url);
  });

  test("only at first is sent ten repetitions in one operation, and the next has ten of its own", async () => {
    const { ca, client, credentials } = await startWithAccount();
    let requests = 0;
    const everyOther = (response: StrictResponse): StrictResponse =>
      requests++ % 2 === 0 ? badNonce() : response;
    const identifiers = dnsNames("a.example");
    const { url } = await newOrder(client.client, credentials, { identifiers });
    ca.on("order", "every", everyOther);
    const looks = async (): Promise<void> => {
      const operation = forOperation(client.client);
      for (let look = 0; look < 20; look++) await getOrder(operation, credentials, url);
    };
    for (let operation = 1; operation <= 2; operation++) {
      await expect(looks()).rejects.toThrow(
        /badNonce: stale \(given up after 10 repetitions in one operation: the CA refuses the nonces/,
      );
      expect(ca.count("order")).toBe(operation * (10 * 2 + 1));
      requests = 0;
    }
  });
});

describe("a client that is given no usable nonce", () => {
  test("fetches one for the next request", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("account", 1, (response) => withHeaders(response, { "replay-nonce": undefined }));
    await getAccount(client.client, credentials);
    await getAccount(client.client, credentials);
    expect(ca.count("newNonce")).toBe(2);
    ca.assertNoDeviations();
  });

  test.each([
    ["empty", ""],
    ["padded", "abc="],
    ["with spaces", "a b c"],
    ["of 10 kB", "a".repeat(10_000)],
  ])("ignores a nonce that is %s", async (_, nonce) => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("account", 1, (response) => withHeaders(response, { "replay-nonce": nonce }));
    await getAccount(client.client, credentials);
    await getAccount(client.client, credentials);
    expect(ca.count("newNonce")).toBe(2);
    ca.assertNoDeviations();
  });

  test.each([404, 405, 501])("uses GET where HEAD is answered %d", async (status) => {
    const { ca, client } = await startBoth();
    ca.instead("newNonce", 1, () => ({ status, headers: { "replay-nonce": [] }, body: "" }));
    const { key } = (await startWithAccount()).credentials;
    expect(await findAccount(client.client, key)).toBeUndefined();
    expect(ca.requests.map(({ method, endpoint }) => `${method} ${endpoint}`)).toEqual([
      "GET directory",
      "HEAD newNonce",
      "GET newNonce",
      "POST newAccount",
    ]);
    ca.assertNoDeviations();
  });

  test("says so where newNonce has none at all", async () => {
    const { ca, client } = await startBoth();
    ca.on("newNonce", "every", (response) => withHeaders(response, { "replay-nonce": undefined }));
    const { key } = (await startWithAccount()).credentials;
    await expect(findAccount(client.client, key)).rejects.toThrow("gave no usable Replay-Nonce");
  });
});
