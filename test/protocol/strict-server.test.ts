/** The strict server itself: a client that does wrong is found out. */
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  finalizeOrder,
  getAuthorization,
  loadAccountKey,
  newOrder,
  respondToChallenge,
  type AccountKey,
  type AcmeFetch,
} from "../../sdk/acme";
import { createFetch } from "../../sdk/http/fetch";
import { startStrictServer, type Rule, type StrictServer } from "../support/ca/strict-server";
import { certificateRequest } from "../support/ca/certificate-request";
import { dnsNames, issue } from "../support/ca/issue";
import { startWithAccount } from "../support/ca/strict";

/** Sends what it is told to, right or wrong. */
interface RawClient {
  readonly ca: StrictServer;
  readonly fetch: AcmeFetch;
  readonly key: AccountKey;
  readonly url: string;
  nonce(): Promise<string>;
}

async function rawClient(): Promise<RawClient> {
  const ca = await startStrictServer();
  const fetch = createFetch({ caBundlePem: ca.caBundlePem });
  onTestFinished(async () => {
    await fetch.close();
    await ca.stop();
  });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const nonce = async (): Promise<string> => {
    const url = `${ca.baseUrl}/acme/new-nonce`;
    const { headers } = await fetch(url, { method: "HEAD", headers: common });
    return headers.get("replay-nonce") ?? "";
  };
  return {
    ca,
    fetch,
    key: await loadAccountKey(pem),
    url: `${ca.baseUrl}/acme/new-acct`,
    nonce,
  };
}

const common = { "user-agent": "raw/1", "accept-language": "en" };

interface Wrong {
  readonly header?: (right: Record<string, unknown>, key: AccountKey) => Record<string, unknown>;
  readonly payload?: unknown;
  readonly signature?: (right: Buffer) => Buffer;
  readonly body?: (right: Record<string, unknown>) => Record<string, unknown>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A registration, right but for what `wrong` says. */
async function send(client: RawClient, wrong: Wrong): Promise<number> {
  const { key, url } = client;
  const right = { alg: "ES256", nonce: await client.nonce(), url, jwk: key.publicJwk };
  const header = encode(wrong.header?.(right, key) ?? right);
  const payload = wrong.payload === undefined ? { termsOfServiceAgreed: true } : wrong.payload;
  const content = payload === "" ? "" : encode(payload);
  const signature = sign("sha256", Buffer.from(`${header}.${content}`), {
    key: key.privateKey,
    dsaEncoding: "ieee-p1363",
  });
  const body = {
    protected: header,
    payload: content,
    signature: (wrong.signature?.(signature) ?? signature).toString("base64url"),
  };
  const response = await client.fetch(url, {
    method: "POST",
    headers: { ...common, "content-type": "application/jose+json", ...wrong.headers },
    body: JSON.stringify(wrong.body?.(body) ?? body),
  });
  return response.status;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function rules(ca: StrictServer): Rule[] {
  return [...new Set(ca.deviations.map(({ rule }) => rule))];
}

test("a right request by hand is accepted, and nothing recorded", async () => {
  const client = await rawClient();
  expect(await send(client, {})).toBe(201);
  client.ca.assertNoDeviations();
});

describe("a request is found out", () => {
  const wrongs: [string, Rule, number, Wrong][] = [
    ["without a User-Agent", "no User-Agent", 201, { headers: { "user-agent": "" } }],
    [
      "of another content type",
      "wrong content type",
      415,
      { headers: { "content-type": "application/json" } },
    ],
    ["with a fourth member", "malformed JWS", 201, { body: (jws) => ({ ...jws, header: {} }) }],
    [
      "with padding",
      "base64url with padding",
      201,
      { body: (jws) => ({ ...jws, signature: `${String(jws["signature"])}==` }) },
    ],
    [
      "with jwk and kid",
      "wrong protected header",
      201,
      { header: (header) => ({ ...header, kid: "x" }) },
    ],
    [
      "with more in its header",
      "wrong protected header",
      201,
      { header: (header) => ({ ...header, typ: "JOSE" }) },
    ],
    [
      "with a kid where the jwk is due",
      "wrong choice of jwk or kid",
      400,
      { header: (header) => ({ ...header, jwk: undefined, kid: "https://x/" }) },
    ],
    [
      "under no algorithm",
      "wrong signature algorithm",
      400,
      { header: (header) => ({ ...header, alg: "none" }) },
    ],
    [
      "for another URL",
      "url of another request",
      401,
      { header: (header) => ({ ...header, url: "https://x/" }) },
    ],
    [
      "with a made-up nonce",
      "nonce unknown or used twice",
      400,
      { header: (header) => ({ ...header, nonce: "made-up" }) },
    ],
    [
      "with a private key in it",
      "wrong members in the jwk",
      201,
      {
        header: (header, key) => ({ ...header, jwk: { ...key.publicJwk, d: "c2VjcmV0" } }),
      },
    ],
    [
      "with a wrong signature",
      "wrong signature",
      400,
      { signature: (right) => Buffer.from(right).fill(1, 0, 4) },
    ],
    [
      "with a signature in DER",
      "wrong signature",
      400,
      { signature: () => Buffer.alloc(70, 0x30) },
    ],
    ["as POST-as-GET where an object is due", "wrong method or payload", 400, { payload: "" }],
    [
      "with an unknown member",
      "wrong members in the payload",
      201,
      { payload: { termsOfServiceAgreed: true, resource: "new-reg" } },
    ],
    [
      "with a null member",
      "wrong members in the payload",
      201,
      { payload: { termsOfServiceAgreed: true, contact: null } },
    ],
  ];

  test.each(wrongs)("%s (%s)", async (_, rule, status, wrong) => {
    const client = await rawClient();
    expect(await send(client, wrong)).toBe(status);
    expect(rules(client.ca)).toContain(rule);
    expect(() => {
      client.ca.assertNoDeviations();
    }).toThrow(`${rule} at newAccount: `);
  });

  test("with a nonce that was used before", async () => {
    const client = await rawClient();
    const nonce = await client.nonce();
    const header = (right: Record<string, unknown>): Record<string, unknown> => ({
      ...right,
      nonce,
    });
    expect(await send(client, { header })).toBe(201);
    expect(await send(client, { header })).toBe(400);
    expect(rules(client.ca)).toEqual(["nonce unknown or used twice"]);
  });

  test("that repeats after badNonce with another nonce than the error's", async () => {
    const client = await rawClient();
    client.ca.forgetNonces();
    const header = (right: Record<string, unknown>): Record<string, unknown> => ({
      ...right,
      nonce: "stale",
    });
    expect(await send(client, { header })).toBe(400);
    expect(await send(client, {})).toBe(201);
    expect(rules(client.ca)).toEqual(["retry without the nonce of badNonce"]);
  });

  test("as GET where POST-as-GET is due, or at a URL that nobody gave", async () => {
    const { ca, fetch } = await rawClient();
    await fetch(`${ca.baseUrl}/acme/order/1`, { method: "GET", headers: common });
    await fetch(`${ca.baseUrl}/acme/orders`, { method: "GET", headers: common });
    expect(rules(ca)).toEqual(["wrong method or payload", "URL not handed out"]);
  });
});

describe("a client is found out that", () => {
  const request = { identifiers: dnsNames("a.example") };

  test("answers two challenges of one authorization", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const { authorizations } = await newOrder(client.client, credentials, request);
    const { challenges } = await getAuthorization(
      client.client,
      credentials,
      authorizations[0] ?? "",
    );
    for (const challenge of challenges.slice(0, 2)) {
      await respondToChallenge(client.client, credentials, challenge);
    }
    expect(rules(ca)).toEqual(["challenge answered twice"]);
  });

  test("finalizes before the order is ready, or with another name or key", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const order = await newOrder(client.client, credentials, request);
    const { csrDer } = await certificateRequest(request.identifiers);
    await expect(finalizeOrder(client.client, credentials, order, csrDer)).rejects.toThrow();
    expect(rules(ca)).toEqual(["finalize before ready"]);

    const ready = await startWithAccount({ readyAtOnce: true });
    const readyClient = ready.client.client;
    const other = await newOrder(readyClient, ready.credentials, request);
    await expect(
      finalizeOrder(readyClient, ready.credentials, other, new Uint8Array([48, 0])),
    ).rejects.toThrow("badCSR");
    expect(rules(ready.ca)).toEqual(["wrong certificate request"]);
  });

  test("asks for a name that is not in its canonical form, or twice", async () => {
    const { ca, client, credentials } = await startWithAccount();
    await newOrder(client.client, credentials, { identifiers: dnsNames("Upper.example") });
    await newOrder(client.client, credentials, { identifiers: dnsNames("a.test", "a.test") });
    expect(rules(ca)).toEqual(["name not canonical", "wrong identifiers"]);
  });
});

test("a rule that is tolerated is not recorded", async () => {
  const client = await rawClient();
  client.ca.tolerate("wrong protected header");
  await send(client, { header: (header) => ({ ...header, typ: "JOSE" }) });
  client.ca.assertNoDeviations();
});

test("hooks count from where they were set, and change one answer", async () => {
  const { ca, client, credentials } = await startWithAccount();
  const request = { identifiers: dnsNames("a.example") };
  await issue(client.client, credentials, request, new Map());
  let seen = 0;
  ca.on("newOrder", 2, (response) => {
    seen++;
    return response;
  });
  await newOrder(client.client, credentials, request);
  expect(seen).toBe(0);
  await newOrder(client.client, credentials, request);
  await newOrder(client.client, credentials, request);
  expect(seen).toBe(1);
});

test("challenges are validated by whom the test says, with the right key authorization", async () => {
  const attempts: string[] = [];
  const { ca, client, credentials } = await startWithAccount({
    validate: ({ type, identifier, token, keyAuthorization }) => {
      const good = keyAuthorization === `${token}.${credentials.key.thumbprint}`;
      attempts.push(`${type} ${identifier.value} ${String(good)}`);
      return undefined;
    },
  });
  await issue(client.client, credentials, { identifiers: dnsNames("a.example") }, new Map());
  expect(attempts).toEqual(["http-01 a.example true"]);
  ca.assertNoDeviations();
});
