/** Orders, authorizations and certificates that come out wrong. */
import { describe, expect, test } from "vitest";
import {
  AcmeProtocolError,
  downloadCertificate,
  finalizeOrder,
  getAuthorization,
  getOrder,
  newOrder,
  pollAuthorization,
  pollOrder,
  respondToChallenge,
  revokeCertificate,
  loadAccountKey,
  type AccountCredentials,
  type AcmeClient,
  type Authorization,
} from "../../sdk/acme";
import { withDeadline } from "../../sdk/util/abort";
import { problem, type Problem, type StrictResponse } from "../support/ca/strict-server";
import { certificateRequest, leafDer } from "../support/ca/certificate-request";
import { dnsNames, issue } from "../support/ca/issue";
import { startWithAccount, withHeaders, withMembers } from "../support/ca/strict";

const request = { identifiers: dnsNames("a.example") };

async function firstAuthorization(
  client: AcmeClient,
  credentials: AccountCredentials,
): Promise<Authorization> {
  const { authorizations } = await newOrder(client, credentials, request);
  return getAuthorization(client, credentials, authorizations[0] ?? "");
}

async function answerFirst(
  client: AcmeClient,
  credentials: AccountCredentials,
): Promise<Authorization> {
  const authorization = await firstAuthorization(client, credentials);
  const [challenge] = authorization.challenges;
  if (challenge === undefined) throw new Error("no challenge");
  await respondToChallenge(client, credentials, challenge);
  return authorization;
}

/** Every look at an authorization shows its first challenge like this, and the authorization as pending. */
function showing(status: string, error: Problem) {
  return (response: StrictResponse): StrictResponse => {
    const { challenges } = JSON.parse(response.body) as { challenges: object[] };
    const [first, ...others] = challenges;
    return withMembers(response, {
      status: "pending",
      challenges: [{ ...first, status, error }, ...others],
    });
  };
}

describe("a new order", () => {
  test("is read with the lists in any order, unknown members, and nulls", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("newOrder", 1, (response) =>
      withMembers(response, { error: null, notBefore: null, x: 1, expires: null }),
    );
    const order = await newOrder(client.client, credentials, {
      identifiers: dnsNames("a.example", "B.example".toLowerCase()),
    });
    expect(order).toEqual({
      url: expect.stringContaining("/acme/order/") as string,
      status: "pending",
      identifiers: dnsNames("b.example", "a.example"),
      authorizations: [expect.any(String), expect.any(String)] as string[],
      finalize: expect.stringContaining("/acme/finalize/") as string,
    });
    ca.assertNoDeviations();
  });

  test.each([
    [
      "other names",
      { identifiers: [{ type: "dns", value: "evil.example" }] },
      "it has evil.example besides",
    ],
    ["no names", { identifiers: [] }, "it lacks some of the names"],
    ["an unknown status", { status: "wonderful" }, 'unknown status "wonderful"'],
    ["no finalize URL", { finalize: undefined }, "it has no finalize URL"],
    [
      "a plain http URL",
      { finalize: "http://ca.example/f" },
      "the CA handed out a URL that is not https",
    ],
    ["an authorization that is no URL", { authorizations: ["file:///etc/passwd"] }, "not https"],
  ])("with %s is refused", async (_, members, reason) => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("newOrder", "every", (response) => withMembers(response, members));
    const asked = newOrder(client.client, credentials, request);
    await expect(asked).rejects.toThrow(AcmeProtocolError);
    await expect(asked).rejects.toThrow(reason);
  });

  test("without a Location is refused", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("newOrder", "every", (response) => withHeaders(response, { location: undefined }));
    await expect(newOrder(client.client, credentials, request)).rejects.toThrow(
      "the CA did not name the order",
    );
  });

  test("names the names that the CA refuses, in its words", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const refused = (value: string, type: string, detail: string) => ({
      type,
      detail,
      identifier: { type: "dns", value },
    });
    ca.instead("newOrder", 1, () =>
      problem(403, {
        type: "compound",
        detail: "2 names cannot be issued",
        subproblems: [
          refused("bad.example", "rejectedIdentifier", "forbidden by policy"),
          refused("b.example", "caa", "CAA forbids"),
        ],
      }),
    );
    const names = dnsNames("a.example", "b.example", "bad.example", "c.example");
    await expect(newOrder(client.client, credentials, { identifiers: names })).rejects.toThrow(
      "acme: order for a.example, b.example, bad.example and 1 more: compound: 2 names cannot be issued " +
        "[bad.example: rejectedIdentifier: forbidden by policy; b.example: caa: CAA forbids]",
    );
    expect(ca.count("newOrder")).toBe(1);
  });
});

describe("an order that replaces a certificate", () => {
  const replacing = { ...request, replaces: "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE" };

  test("says so", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const order = await newOrder(client.client, credentials, replacing);
    expect(order.replaces).toBe(replacing.replaces);
    ca.assertNoDeviations();
  });

  test.each([
    [409, "alreadyReplaced"],
    [404, "malformed"],
    [400, "malformed"],
    [500, "serverInternal"],
    [403, "unauthorized"],
  ])("is sent once more without saying so after %d %s", async (status, type) => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", 1, () => problem(status, { type, detail: "ARI is not for you" }));
    const order = await newOrder(client.client, credentials, replacing);
    expect(order.replaces).toBeUndefined();
    expect(ca.count("newOrder")).toBe(2);
    ca.assertNoDeviations();
  });

  test("is not sent twice because of a rate limit", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", "every", () => problem(429, { type: "rateLimited" }));
    await expect(newOrder(client.client, credentials, replacing)).rejects.toThrow("rateLimited");
    expect(ca.count("newOrder")).toBe(1);
  });

  test("does not say so to a CA without renewal information", async () => {
    const { ca, client, credentials } = await startWithAccount({ renewalInfo: false });
    await newOrder(client.client, credentials, replacing);
    ca.assertNoDeviations();
  });
});

describe("a profile", () => {
  test("that the CA does not have is its problem, named", async () => {
    const { client, credentials } = await startWithAccount({ profiles: { classic: "" } });
    const asked = newOrder(client.client, credentials, { ...request, profile: "nope" });
    await expect(asked).rejects.toMatchObject({ problem: { type: "invalidProfile" } });
  });

  test("that the CA ignores, or changes, is no error", async () => {
    const { ca, client, credentials } = await startWithAccount({ profiles: { classic: "" } });
    ca.on("newOrder", 1, (response) => withMembers(response, { profile: undefined }));
    ca.on("newOrder", 2, (response) => withMembers(response, { profile: "other" }));
    const order = { ...request, profile: "classic" };
    expect((await newOrder(client.client, credentials, order)).profile).toBeUndefined();
    expect((await newOrder(client.client, credentials, order)).profile).toBe("other");
  });
});

describe("an authorization", () => {
  test("is read with unknown challenges, members and nulls", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const urls = { url: `${ca.baseUrl}/acme/chall/1/2` };
    ca.on("authorization", 1, (response) =>
      withMembers(response, {
        wildcard: null,
        challenges: [
          { type: "quantum-01", ...urls, token: "a b" },
          { type: "dns-persist-01", ...urls, "issuer-domain-names": ["ca.example"], token: null },
          { type: "no-url-01" },
          null,
          7,
        ],
      }),
    );
    const { wildcard, challenges } = await firstAuthorization(client.client, credentials);
    expect(wildcard).toBe(false);
    expect(challenges.map(({ type }) => type)).toEqual(["quantum-01", "dns-persist-01"]);
    expect(challenges[1]).toMatchObject({ issuerDomainNames: ["ca.example"], status: "pending" });
  });

  test.each([
    "../../etc/passwd",
    "$(reboot)$(reboot)$(reboot)",
    "short",
    "padded-token-of-good-length=",
  ])("with the token %s is refused", async (token) => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("authorization", 1, (response) =>
      withMembers(response, {
        challenges: [{ type: "http-01", url: `${ca.baseUrl}/acme/chall/1/2`, token }],
      }),
    );
    await expect(firstAuthorization(client.client, credentials)).rejects.toThrow(
      "the token of its http-01 challenge is not base64url",
    );
  });

  test("is looked at until it is valid, soon, and ever less often", async () => {
    const { ca, client, credentials } = await startWithAccount({ pendingLooks: 3 });
    const { url } = await answerFirst(client.client, credentials);
    const start = Date.now();
    const { status } = await pollAuthorization(client.client, credentials, url);
    expect(status).toBe("valid");
    expect(Date.now() - start).toBeLessThan(1500);
    expect(ca.count("authorization")).toBe(1 + 4);
    ca.assertNoDeviations();
  });

  test("is looked at no sooner than Retry-After says while it is pending", async () => {
    const { client, credentials } = await startWithAccount({ pendingLooks: 1, retryAfter: "1" });
    const { url } = await answerFirst(client.client, credentials);
    const start = Date.now();
    await pollAuthorization(client.client, credentials, url);
    expect(Date.now() - start).toBeGreaterThanOrEqual(990);
    expect(Date.now() - start).toBeLessThan(2000);
  });

  test("that is invalid is returned with all that the CA said", async () => {
    const failure = {
      type: "compound",
      detail: "no perspective could see it",
      subproblems: [
        { type: "dns", detail: "NXDOMAIN", identifier: { type: "dns", value: "a.example" } },
      ],
    };
    const { ca, client, credentials } = await startWithAccount({ validate: () => failure });
    const { url } = await answerFirst(client.client, credentials);
    const { status, challenges } = await pollAuthorization(client.client, credentials, url);
    expect(status).toBe("invalid");
    expect(challenges[0]).toMatchObject({ status: "invalid", error: failure });
    ca.assertNoDeviations();
  });

  test("that the CA itself tries again is waited for, and the deadline says what it saw", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { url } = await answerFirst(client.client, credentials);
    ca.on(
      "authorization",
      "every",
      showing("processing", { type: "connection", detail: "no route to host" }),
    );
    const waited = withDeadline("issuing a.example", 500, undefined, (signal) =>
      pollAuthorization(client.client, credentials, url, { signal }),
    );
    await expect(waited).rejects.toThrow(
      "issuing a.example took longer than 0.5 s; last seen: authorization for a.example is pending " +
        "(http-01 processing: connection: no route to host)",
    );
    expect(ca.count("challenge")).toBe(1);
    ca.assertNoDeviations();
  });

  test("that the CA dropped is answered again, a few times, and not at once", async () => {
    let clock = 0;
    const { ca, client, credentials } = await startWithAccount({}, { now: () => (clock += 2500) });
    const { url } = await answerFirst(client.client, credentials);
    const dropped = showing("pending", { type: "dns", detail: "SERVFAIL" });
    ca.on("authorization", "every", dropped);
    ca.instead("challenge", "every", () => ({ status: 200, headers: {}, body: "{}" }));
    const waited = withDeadline("the test", 6000, undefined, (signal) =>
      pollAuthorization(client.client, credentials, url, { signal }),
    );
    await expect(waited).rejects.toThrow("http-01 pending: dns: SERVFAIL");
    expect(ca.count("challenge")).toBeGreaterThanOrEqual(3);
    expect(ca.count("challenge")).toBeLessThanOrEqual(1 + 5);
    ca.assertNoDeviations();
  });
});

describe("an order under way", () => {
  async function finalized(options: Parameters<typeof startWithAccount>[0]) {
    const started = await startWithAccount({ readyAtOnce: true, ...options });
    const { client, credentials } = started;
    const order = await newOrder(client.client, credentials, request);
    const { csrDer } = await certificateRequest(request.identifiers);
    return { ...started, order: await finalizeOrder(client.client, credentials, order, csrDer) };
  }
  const isValid = ({ status }: { status: string }): boolean => status === "valid";

  test("is looked at until it is valid", async () => {
    const { ca, client, credentials, order } = await finalized({ processingLooks: 2 });
    expect(order.status).toBe("processing");
    const valid = await pollOrder(client.client, credentials, order, isValid);
    expect(valid.certificate).toContain("/acme/cert/");
    expect(ca.count("order")).toBe(3);
    ca.assertNoDeviations();
  });

  test("that stays processing ends with the deadline, and the message has its URL", async () => {
    const { client, credentials, order } = await finalized({ processingLooks: -1 });
    const waited = withDeadline("issuing", 400, undefined, (signal) =>
      pollOrder(client.client, credentials, order, isValid, { signal }),
    );
    await expect(waited).rejects.toThrow(
      `issuing took longer than 0.4 s; last seen: order ${order.url} (a.example) is processing`,
    );
  });

  test("that becomes invalid is returned with its error", async () => {
    const { ca, client, credentials, order } = await finalized({});
    const error = { type: "urn:ietf:params:acme:error:caa", detail: "CAA forbids" };
    ca.on("order", "every", (response) =>
      withMembers(response, { status: "invalid", error, certificate: undefined }),
    );
    const invalid = await pollOrder(client.client, credentials, order, isValid);
    expect(invalid).toMatchObject({
      status: "invalid",
      error: { type: "caa", detail: "CAA forbids" },
    });
  });

  test("that is valid without a certificate is looked at again", async () => {
    const { ca, client, credentials, order } = await finalized({});
    ca.on("order", 1, (response) => withMembers(response, { certificate: undefined }));
    const valid = await pollOrder(client.client, credentials, order, isValid);
    expect(valid.certificate).toBeDefined();
    expect(ca.count("order")).toBe(2);
  });

  test("that stays valid without a certificate is a broken CA", async () => {
    const { ca, client, credentials, order } = await finalized({});
    ca.on("order", "every", (response) => withMembers(response, { certificate: undefined }));
    await expect(pollOrder(client.client, credentials, order, isValid)).rejects.toThrow(
      "it is valid, but has no certificate URL",
    );
    expect(ca.count("order")).toBe(4);
  });

  test("whose names change is a broken CA", async () => {
    const { ca, client, credentials, order } = await finalized({ processingLooks: 2 });
    ca.on("order", 2, (response) =>
      withMembers(response, { identifiers: [{ type: "dns", value: "b.example" }] }),
    );
    await expect(pollOrder(client.client, credentials, order, isValid)).rejects.toThrow(
      "the CA's order is for other names: it has b.example besides",
    );
  });

  test("that the CA forgot is a 404", async () => {
    const { ca, client, credentials } = await startWithAccount();
    await expect(
      getOrder(client.client, credentials, `${ca.baseUrl}/acme/order/gone`),
    ).rejects.toMatchObject({ status: 404 });
  });

  test("keeps its URL where finalize has no Location, and is ready after a bad CSR", async () => {
    const { ca, client, credentials } = await startWithAccount({ readyAtOnce: true });
    ca.tolerate("wrong certificate request");
    const order = await newOrder(client.client, credentials, request);
    const wrong = await certificateRequest(dnsNames("other.example"));
    await expect(
      finalizeOrder(client.client, credentials, order, wrong.csrDer),
    ).rejects.toMatchObject({ problem: { type: "badCSR" } });
    const { csrDer } = await certificateRequest(request.identifiers);
    const second = await finalizeOrder(client.client, credentials, order, csrDer);
    expect(second.url).toBe(order.url);
    ca.assertNoDeviations();
  });
});

describe("a success without a whole JSON object", () => {
  test("is taken for an accident once", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { url } = await newOrder(client.client, credentials, request);
    ca.on("order", 1, (response) => ({ ...response, body: response.body.slice(0, 40) }));
    expect((await getOrder(client.client, credentials, url)).status).toBe("pending");
    expect(ca.count("order")).toBe(2);
  });

  test("twice is a broken CA", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { url } = await newOrder(client.client, credentials, request);
    ca.on("order", "every", (response) => ({ ...response, body: "<html>welcome</html>" }));
    await expect(getOrder(client.client, credentials, url)).rejects.toThrow(
      /order .* answered HTTP 200 without a JSON object/,
    );
    expect(ca.count("order")).toBe(2);
  });
});

describe("a certificate", () => {
  const url = (order: { certificate?: string }): string => order.certificate ?? "";

  test("comes with its chain, and ten alternates at most, relative ones resolved", async () => {
    const { ca, client, credentials } = await startWithAccount({ alternateChains: 2 });
    const { order, certificate } = await issue(client.client, credentials, request, new Map());
    expect(certificate.chainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(certificate.alternates).toEqual([`${url(order)}/1`, `${url(order)}/2`]);
    const other = await downloadCertificate(
      client.client,
      credentials,
      certificate.alternates[0] ?? "",
    );
    expect(leafDer(other.chainPem)).toEqual(leafDer(certificate.chainPem));
    expect(other.chainPem).not.toBe(certificate.chainPem);
    ca.on("certificate", 1, (response) => ({
      ...response,
      headers: {
        ...response.headers,
        link: [
          ...Array.from(
            { length: 12 },
            (_, n) => `</alt/${String(n)}>; title="a, b"; rel=alternate`,
          ),
          '<http://plain.example/>;rel="alternate"',
        ],
      },
    }));
    const many = await downloadCertificate(client.client, credentials, url(order));
    expect(many.alternates).toHaveLength(10);
    expect(many.alternates[3]).toBe(`${ca.baseUrl}/alt/3`);
    ca.assertNoDeviations();
  });

  test.each([
    [
      "a private key among it",
      (pem: string) => `${pem}-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n`,
      "something else among the certificates: PRIVATE KEY",
    ],
    ["nothing", () => "", "no certificate in PEM"],
    ["half of it", (pem: string) => pem.slice(0, 200), "cut off or damaged"],
    ["its end missing", (pem: string) => pem.slice(0, -30), "cut off or damaged"],
    [
      "garbage in PEM",
      () => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "a block that is not a certificate",
    ],
    ["HTML", () => "<html></html>", "no certificate in PEM"],
  ])("with %s is refused", async (_, change, reason) => {
    const { ca, client, credentials } = await startWithAccount();
    const { order } = await issue(client.client, credentials, request, new Map());
    ca.on("certificate", "every", (response) => ({ ...response, body: change(response.body) }));
    const asked = downloadCertificate(client.client, credentials, url(order));
    await expect(asked).rejects.toThrow(AcmeProtocolError);
    await expect(asked).rejects.toThrow(reason);
  });

  test.each([
    [
      "text before each certificate",
      (pem: string) =>
        pem.replaceAll("-----BEGIN", "subject=CN = a\n\nissuer=CN = b\n\n-----BEGIN"),
    ],
    ["a NUL byte at its end", (pem: string) => `${pem}\0`],
  ])("with %s is the certificate, and says so (certbot/certbot#6321)", async (_, change) => {
    const { ca, client, credentials } = await startWithAccount();
    const { order, certificate } = await issue(client.client, credentials, request, new Map());
    expect(certificate.hadText).toBe(false);
    ca.on("certificate", 1, (response) => ({ ...response, body: change(response.body) }));
    const again = await downloadCertificate(client.client, credentials, url(order));
    expect(again).toMatchObject({ chainPem: certificate.chainPem, hadText: true });
  });

  test.each([
    ["a byte order mark", (pem: string) => `\ufeff${pem}`],
    ["blanks at the ends of lines", (pem: string) => pem.replaceAll("\n", " \n")],
  ])("with %s is the same", async (_, change) => {
    const { ca, client, credentials } = await startWithAccount();
    const { order, certificate } = await issue(client.client, credentials, request, new Map());
    ca.on("certificate", 1, (response) => ({ ...response, body: change(response.body) }));
    const again = await downloadCertificate(client.client, credentials, url(order));
    expect(again).toEqual({ ...certificate, alternates: again.alternates });
  });

  test("with other line ends, blank lines and media type parameters is the same", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { order, certificate } = await issue(client.client, credentials, request, new Map());
    ca.on("certificate", 1, (response) => ({
      ...withHeaders(response, {
        "content-type": "Application/PEM-Certificate-Chain; Charset=utf-8",
      }),
      body: `\r\n${response.body.replaceAll("\n", "\r\n").replaceAll("-----\r\n-----", "-----\r\n\r\n-----")}`,
    }));
    const again = await downloadCertificate(client.client, credentials, url(order));
    expect(again.chainPem).toBe(certificate.chainPem);
  });

  test("is revoked by its own key, without an account", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const issued = await issue(client.client, credentials, request, new Map());
    const certificateKey = await loadAccountKey(issued.privateKeyPem);
    const der = leafDer(issued.certificate.chainPem);
    await revokeCertificate(client.client, { certificateKey }, der);
    // Twice is success, and no reason is sent unless one is given.
    await revokeCertificate(client.client, { certificateKey }, der);
    expect([...ca.state.certificates.values()][0]?.revoked).toEqual({ reason: undefined });
    ca.assertNoDeviations();
  });

  test("is not revoked for a reason that the CA does not allow", async () => {
    const { client, credentials } = await startWithAccount();
    const { certificate } = await issue(client.client, credentials, request, new Map());
    await expect(
      revokeCertificate(client.client, credentials, leafDer(certificate.chainPem), 7),
    ).rejects.toThrow("acme: revoking a certificate: badRevocationReason: 0, 1, 3, 4 or 5");
  });
});
