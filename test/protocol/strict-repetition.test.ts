/** What is sent again, and what is not, when the CA is out of order or answers get lost. */
import { describe, expect, test } from "vitest";
import {
  AcmeConnectionError,
  AcmeProblemError,
  deactivateAccount,
  finalizeOrder,
  getAccount,
  getAuthorization,
  getOrder,
  newAccount,
  newOrder,
  pollAuthorization,
  respondToChallenge,
  revokeCertificate,
} from "../../sdk/acme";
import { withDeadline } from "../../sdk/util/abort";
import { internals } from "../../sdk/acme/client";
import { problem, type EndpointName, type StrictResponse } from "../support/ca/strict-server";
import { certificateRequest, leafDer, newAccountKey } from "../support/ca/certificate-request";
import { dnsNames, issue } from "../support/ca/issue";
import { startBoth, startWithAccount, withHeaders } from "../support/ca/strict";

const request = { identifiers: dnsNames("a.example") };

/** The first challenge of a new order, and the URL of its authorization. */
async function newChallenge({
  client: { client },
  credentials,
}: Pick<Awaited<ReturnType<typeof startWithAccount>>, "client" | "credentials">) {
  const { authorizations } = await newOrder(client, credentials, request);
  const url = authorizations[0] ?? "";
  const [challenge] = (await getAuthorization(client, credentials, url)).challenges;
  if (challenge === undefined) throw new Error("no challenge");
  return { challenge, url };
}

describe("a CA that asks for patience", () => {
  test("with 503 and Retry-After in seconds is given it", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", 1, () =>
      problem(503, { type: "serverInternal", detail: "busy" }, { "retry-after": "1" }),
    );
    const start = Date.now();
    await newOrder(client.client, credentials, request);
    expect(Date.now() - start).toBeGreaterThanOrEqual(990);
    expect(ca.count("newOrder")).toBe(2);
    ca.assertNoDeviations();
  });

  test.each([
    ["0", 990],
    ["Mon, 01 Jan 2024 00:00:00 GMT", 990],
  ])(
    "with 429 and Retry-After: %s is asked a second later, not at once",
    async (retryAfter, least) => {
      const { ca, client, credentials } = await startWithAccount();
      ca.instead("newOrder", 1, () =>
        problem(429, { type: "rateLimited", detail: "slow" }, { "retry-after": retryAfter }),
      );
      const start = Date.now();
      await newOrder(client.client, credentials, request);
      expect(Date.now() - start).toBeGreaterThanOrEqual(least);
      ca.assertNoDeviations();
    },
  );

  test("for longer than a minute is not waited for: the error names the time", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", "every", () =>
      problem(
        429,
        { type: "rateLimited", detail: "too many orders" },
        {
          "retry-after": "7200",
          link: '<https://ca.example/rate-limits>;rel="help"',
        },
      ),
    );
    const before = Date.now();
    const error: unknown = await newOrder(client.client, credentials, request).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AcmeProblemError);
    const { message, retryAt, helpUrl } = error as AcmeProblemError;
    expect(message).toMatch(
      /^acme: order for a\.example: rateLimited: too many orders \(try again after \d{4}-\d\d-\d\dT[\d:]+Z; see https:\/\/ca\.example\/rate-limits\)$/,
    );
    expect((retryAt ?? 0) - before).toBeGreaterThanOrEqual(7_200_000);
    expect(helpUrl).toBe("https://ca.example/rate-limits");
    expect(ca.count("newOrder")).toBe(1);
    ca.assertNoDeviations();
  });

  test.each(["garbage", "-5", undefined])(
    "with rateLimited and Retry-After: %s is not asked again",
    async (retryAfter) => {
      const { ca, client, credentials } = await startWithAccount();
      ca.instead("newOrder", "every", () =>
        problem(
          429,
          { type: "rateLimited", detail: "paused, see https://portal.example/unpause" },
          retryAfter === undefined ? {} : { "retry-after": retryAfter },
        ),
      );
      await expect(newOrder(client.client, credentials, request)).rejects.toThrow(
        "rateLimited: paused, see https://portal.example/unpause",
      );
      expect(ca.count("newOrder")).toBe(1);
    },
  );

  test("only in Let's Encrypt's words is understood", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", "every", () =>
      problem(429, {
        type: "rateLimited",
        detail: "too many, retry after 2099-01-02 03:04:05 UTC: see",
      }),
    );
    await expect(newOrder(client.client, credentials, request)).rejects.toMatchObject({
      retryAt: Date.UTC(2099, 0, 2, 3, 4, 5),
    });
  });
});

describe("a CA that asks for patience before something else is asked", () => {
  const busy = (): StrictResponse =>
    problem(500, { type: "serverInternal", detail: "busy" }, { "retry-after": "2" });

  /** How long it took from one request to the next one of any kind. */
  async function pauseAfter(
    { ca, client }: Pick<Awaited<ReturnType<typeof startWithAccount>>, "ca" | "client">,
    endpoint: EndpointName,
    work: () => Promise<unknown>,
  ): Promise<number> {
    const at: number[] = [];
    const observe = client.client[internals].onRequest;
    const counted = ca.count(endpoint);
    Object.assign(client.client[internals], {
      onRequest: (request: { method: string; url: string }) => {
        if (ca.count(endpoint) > counted) at.push(Date.now());
        observe(request);
      },
    });
    const start = Date.now();
    await work();
    return (at[0] ?? Number.NaN) - start;
  }

  test("with 500 to a challenge is given it before the authorization is looked at", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { challenge } = await newChallenge({ client, credentials });
    ca.instead("challenge", 1, busy);
    const pause = await pauseAfter({ ca, client }, "challenge", () =>
      respondToChallenge(client.client, credentials, challenge),
    );
    expect(pause).toBeGreaterThanOrEqual(1990);
    expect(ca.count("challenge")).toBe(2);
    ca.assertNoDeviations();
  });

  test("in the answer to a challenge is given it before the authorization is looked at", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { challenge, url } = await newChallenge({ client, credentials });
    ca.on("challenge", 1, (response) => withHeaders(response, { "retry-after": "2" }));
    const pause = await pauseAfter({ ca, client }, "challenge", async () => {
      const answered = await respondToChallenge(client.client, credentials, challenge);
      return pollAuthorization(client.client, credentials, url, {}, answered);
    });
    expect(pause).toBeGreaterThanOrEqual(1990);
    ca.assertNoDeviations();
  });

  test.each(["120", "1"])(
    "with 429 and Retry-After: %s is not asked for the rest of many things meanwhile",
    async (retryAfter) => {
      const { ca, client, credentials } = await startWithAccount();
      const names = Array.from({ length: 40 }, (_, index) => `n${String(index)}.example`);
      const order = await newOrder(client.client, credentials, { identifiers: dnsNames(...names) });
      const at: number[] = [];
      ca.on("authorization", "every", (response) => {
        at.push(Date.now());
        const busy = problem(429, { type: "rateLimited" }, { "retry-after": retryAfter });
        return at.length === 1 ? busy : response;
      });
      const looks = await Promise.allSettled(
        order.authorizations.map((url) => getAuthorization(client.client, credentials, url)),
      );
      const failed = looks.filter(({ status }) => status === "rejected").length;
      const isLong = retryAfter === "120";
      // Ten were under way.
      if (isLong) expect(at.length).toBeLessThanOrEqual(10);
      expect(failed).toBe(isLong ? 41 - at.length : 0);
      const early = at.filter((time) => time < (at[0] ?? 0) + 950).length;
      expect(early).toBeLessThanOrEqual(10);
    },
  );

  test("with 500 to finalize is given it before the order is looked at", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    const order = await newOrder(client.client, credentials, request);
    const { csrDer } = await certificateRequest(request.identifiers);
    ca.instead("finalize", 1, busy);
    const pause = await pauseAfter({ ca, client }, "finalize", () =>
      finalizeOrder(client.client, credentials, order, csrDer),
    );
    expect(pause).toBeGreaterThanOrEqual(1990);
    expect(ca.count("finalize")).toBe(2);
    ca.assertNoDeviations();
  });

  test("in the answer to finalize is given it before the order is looked at", async () => {
    const { ca, client, credentials } = await startWithAccount({
      readyAtOnce: true,
      retryAfter: "2",
    });
    const pause = await pauseAfter({ ca, client }, "finalize", () =>
      issue(client.client, credentials, request, new Map()),
    );
    expect(pause).toBeGreaterThanOrEqual(1990);
    ca.assertNoDeviations();
  });

  test("for longer than a minute is not waited for: the error names the time", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    ca.instead("finalize", "every", () =>
      problem(500, { type: "serverInternal", detail: "busy" }, { "retry-after": "3600" }),
    );
    await expect(issue(client.client, credentials, request, new Map())).rejects.toThrow(
      /serverInternal: busy \(try again after /,
    );
    expect(ca.count("finalize")).toBe(1);
    expect(ca.count("order")).toBe(0);
  });
});

describe("a CA that fails", () => {
  test("is asked again for what may be repeated", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", 1, () => ({ status: 502, headers: {}, body: "<h1>Bad gateway</h1>" }));
    await newOrder(client.client, credentials, request);
    expect(ca.count("newOrder")).toBe(2);
    ca.assertNoDeviations();
  });

  test("whose connection breaks is asked again, with a new nonce", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("account", 1, () => "reset");
    await getAccount(client.client, credentials);
    expect(ca.count("account")).toBe(2);
    ca.assertNoDeviations();
  });

  test("and does not answer in time is asked once more, and then given up", async () => {
    const { ca, client, credentials } = await startWithAccount({}, { requestTimeoutMs: 300 });
    ca.instead("account", "every", () => "silence");
    await expect(getAccount(client.client, credentials)).rejects.toThrow(
      /account .* POST .* took longer than 0.3 s/,
    );
    expect(ca.count("account")).toBe(2);
  });

  test("is left as soon as the caller's signal says so", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("account", "every", () => "silence");
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(new Error("enough"));
    }, 100);
    const asked = getAccount(client.client, credentials, { signal: controller.signal });
    await expect(asked).rejects.toThrow("enough");
  });

  test("with a body of more than 1 MiB is not read to the end", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { url } = await newOrder(client.client, credentials, request);
    ca.on("order", "every", (response) => ({ ...response, body: " ".repeat(2 * 1024 * 1024) }));
    await expect(getOrder(client.client, credentials, url)).rejects.toThrow("larger than 1 MiB");
  });
});

describe("an answer that gets lost", () => {
  test("to a new order: the order is placed again", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("newOrder", 1, () => "reset");
    expect((await newOrder(client.client, credentials, request)).status).toBe("pending");
    expect(ca.count("newOrder")).toBe(2);
    ca.assertNoDeviations();
  });

  test("to a new account: the account is found", async () => {
    const { ca, client } = await startBoth();
    ca.on("newAccount", 1, () => "reset");
    const key = await newAccountKey();
    const { created } = await newAccount(client.client, key, { termsOfServiceAgreed: true });
    expect(created).toBe(false);
    expect(ca.state.accounts.size).toBe(1);
    ca.assertNoDeviations();
  });

  test("to a challenge: the authorization is looked at, and the challenge not answered twice", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { challenge, url } = await newChallenge({ client, credentials });
    ca.on("challenge", 1, () => "reset");
    await respondToChallenge(client.client, credentials, challenge);
    expect(ca.count("challenge")).toBe(1);
    expect((await pollAuthorization(client.client, credentials, url)).status).toBe("valid");
    ca.assertNoDeviations();
  });

  test("before the CA has the challenge's response: it is sent again", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("challenge", 1, () => "reset");
    await issue(client.client, credentials, request, new Map());
    expect(ca.count("challenge")).toBe(2);
    ca.assertNoDeviations();
  });

  test("to finalize: the order is looked at, and not finalized twice", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    const order = await newOrder(client.client, credentials, request);
    const { csrDer } = await certificateRequest(request.identifiers);
    ca.on("finalize", 1, () => "reset");
    const finalized = await finalizeOrder(client.client, credentials, order, csrDer);
    expect(finalized.status).toBe("valid");
    expect(ca.count("finalize")).toBe(1);
    ca.assertNoDeviations();
  });

  test("before the CA has the certificate request: it is sent again", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    ca.instead("finalize", 1, () => "reset");
    await issue(client.client, credentials, request, new Map());
    expect(ca.count("finalize")).toBe(2);
    ca.assertNoDeviations();
  });

  test("to a revocation: alreadyRevoked is success", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    const { certificate } = await issue(client.client, credentials, request, new Map());
    ca.on("revokeCert", 1, () => "reset");
    await revokeCertificate(client.client, credentials, leafDer(certificate.chainPem), 4);
    expect(ca.count("revokeCert")).toBe(2);
    expect([...ca.state.certificates.values()][0]?.revoked).toEqual({ reason: 4 });
    ca.assertNoDeviations();
  });

  test("to a deactivation: that the account is deactivated is success", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("account", 1, () => "reset");
    await deactivateAccount(client.client, credentials);
    expect([...ca.state.accounts.values()][0]?.status).toBe("deactivated");
    ca.assertNoDeviations();
  });
});

describe("an order that somebody else finalized", () => {
  test("is looked at, and taken as it stands", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    ca.tolerate("finalize before ready");
    const order = await newOrder(client.client, credentials, request);
    const { csrDer } = await certificateRequest(request.identifiers);
    await finalizeOrder(client.client, credentials, order, csrDer);
    const again = await finalizeOrder(client.client, credentials, order, csrDer);
    expect(again.status).toBe("valid");
    ca.assertNoDeviations();
  });

  test("that is not ready is an error of the CA's", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.tolerate("finalize before ready");
    const order = await newOrder(client.client, credentials, request);
    const { csrDer } = await certificateRequest(request.identifiers);
    await expect(finalizeOrder(client.client, credentials, order, csrDer)).rejects.toMatchObject({
      problem: { type: "orderNotReady" },
    });
    ca.assertNoDeviations();
  });
});

test("a CA that is down is tried for a few seconds, and the message says what to check", async () => {
  const { ca, client, credentials } = await startWithAccount();
  await ca.stop();
  const error: unknown = await withDeadline("the test", 20_000, undefined, (signal) =>
    getOrder(client.client, credentials, `${ca.baseUrl}/acme/order/1`, { signal }),
  ).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AcmeConnectionError);
  expect((error as Error).message).toMatch(
    /^acme: order .*: 127\.0\.0\.1:\d+ refuses the connection; check the directory URL$/,
  );
  expect(client.requests.length).toBeGreaterThan(2);
});
