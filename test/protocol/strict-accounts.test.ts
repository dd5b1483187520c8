/** Accounts against the strict server: what Pebble cannot show. */
import { describe, expect, test } from "vitest";
import {
  AcmeProblemError,
  AcmeProtocolError,
  AcmeUnsupportedError,
  changeAccountKey,
  deactivateAccount,
  findAccount,
  getAccount,
  newAccount,
  newOrder,
  updateAccount,
} from "../../sdk/acme";
import { ConfigurationError } from "../../sdk/util/errors";
import { problem } from "../support/ca/strict-server";
import { newAccountKey } from "../support/ca/certificate-request";
import { dnsNames, register } from "../support/ca/issue";
import {
  connectTo,
  startBoth,
  startWithAccount,
  withHeaders,
  withMembers,
} from "../support/ca/strict";

const agreed = { termsOfServiceAgreed: true };

describe("newAccount", () => {
  test("registers with contacts, and finds the account the second time", async () => {
    const { ca, client } = await startBoth();
    const key = await newAccountKey();
    const request = { ...agreed, contact: ["mailto:admin@example.com"] };
    const first = await newAccount(client.client, key, request);
    expect(first).toEqual({
      created: true,
      account: {
        url: expect.stringContaining("/acme/acct/") as string,
        status: "valid",
        contact: ["mailto:admin@example.com"],
        termsOfServiceAgreed: true,
      },
    });
    const second = await newAccount(client.client, key, { ...agreed, contact: ["mailto:b@c.de"] });
    expect(second).toEqual({ created: false, account: first.account });
    ca.assertNoDeviations();
  });

  test("sends nothing where the terms are not agreed to, and names them", async () => {
    const { ca, client } = await startBoth();
    const asked = newAccount(client.client, await newAccountKey(), {});
    await expect(asked).rejects.toThrow(ConfigurationError);
    await expect(asked).rejects.toThrow(
      `the CA has terms of service: read ${ca.baseUrl}/terms/v1 and set termsOfServiceAgreed to true`,
    );
    expect(ca.count("newAccount")).toBe(0);
  });

  test.each([
    [403, "userActionRequired"],
    [400, "agreementRequired"],
  ])("gives the terms' URL where the CA answers %d %s without one", async (status, type) => {
    const { ca, client } = await startBoth();
    ca.instead("newAccount", 1, () => problem(status, { type, detail: "agree first" }));
    await expect(newAccount(client.client, await newAccountKey(), agreed)).rejects.toMatchObject({
      termsOfServiceUrl: `${ca.baseUrl}/terms/v1`,
      message: expect.stringContaining(`terms of service: ${ca.baseUrl}/terms/v1`) as string,
    });
  });

  test("without a Location is a broken CA", async () => {
    const { ca, client } = await startBoth();
    ca.on("newAccount", "every", (response) => withHeaders(response, { location: undefined }));
    const asked = newAccount(client.client, await newAccountKey(), agreed);
    await expect(asked).rejects.toThrow(AcmeProtocolError);
    await expect(asked).rejects.toThrow("the CA did not name the account");
  });

  test("takes an answer of which only the URL is good", async () => {
    const { ca, client } = await startBoth();
    ca.on("newAccount", "every", (response) => ({
      ...response,
      body: '{"status":null,"contact":7}',
    }));
    const { account } = await newAccount(client.client, await newAccountKey(), agreed);
    expect(account).toEqual({ url: expect.stringContaining("/acme/acct/") as string });
  });

  test("resolves a relative account URL, and refuses one that is not https", async () => {
    const { ca, client } = await startBoth();
    ca.on("newAccount", 1, (response) => withHeaders(response, { location: "/acme/acct/7" }));
    const { account } = await newAccount(client.client, await newAccountKey(), agreed);
    expect(account.url).toBe(`${ca.baseUrl}/acme/acct/7`);
    ca.on("newAccount", 1, (response) =>
      withHeaders(response, { location: "http://ca.example/7" }),
    );
    await expect(newAccount(client.client, await newAccountKey(), agreed)).rejects.toThrow(
      "the CA handed out a URL that is not https: http://ca.example/7",
    );
  });

  test.each([
    ["admin@example.com", "is not a URL"],
    ["mailto:", "is not a URL"],
    ["mailto:a@example.com,b@example.com", "must be one address"],
    ["mailto:a@example.com?subject=hello", "must be one address"],
  ])("refuses the contact %s before anything is sent", async (contact, reason) => {
    const { ca, client } = await startBoth();
    const asked = newAccount(client.client, await newAccountKey(), {
      ...agreed,
      contact: [contact],
    });
    await expect(asked).rejects.toThrow(reason);
    expect(ca.requests).toHaveLength(0);
  });
});

describe("external account binding", () => {
  const mac = Buffer.alloc(32, 7);
  const externalAccounts = { "kid-1": new Uint8Array(mac) };

  test.each(["HS256", "HS384", "HS512"] as const)("is sent with %s", async (algorithm) => {
    const { ca, client } = await startBoth({ externalAccounts });
    const { created } = await newAccount(client.client, await newAccountKey(), {
      ...agreed,
      // Standard alphabet, padded, with white space.
      externalAccountBinding: {
        keyId: "kid-1",
        hmacKey: ` ${mac.toString("base64")}\n`,
        algorithm,
      },
    });
    expect(created).toBe(true);
    expect([...ca.state.accounts.values()][0]?.externalAccount).toBe("kid-1");
    ca.assertNoDeviations();
  });

  test("that is required and not given is told before anything is sent", async () => {
    const { ca, client } = await startBoth({ externalAccounts });
    const asked = newAccount(client.client, await newAccountKey(), agreed);
    await expect(asked).rejects.toThrow("this CA requires an external account binding");
    expect(ca.count("newAccount")).toBe(0);
  });

  test("with a wrong MAC is refused, and the message has no key", async () => {
    const { ca, client } = await startBoth({ externalAccounts });
    const hmacKey = Buffer.alloc(32, 8).toString("base64url");
    const error: unknown = await newAccount(client.client, await newAccountKey(), {
      ...agreed,
      externalAccountBinding: { keyId: "kid-1", hmacKey },
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AcmeProblemError);
    expect(String(error)).toContain("unauthorized: unknown key id or wrong MAC");
    expect(String(error)).toContain(
      "are key id and HMAC key of the external account binding right?",
    );
    expect(JSON.stringify(error) + String(error)).not.toContain(hmacKey);
    ca.assertNoDeviations();
  });

  test("that was used already says that it is good only once", async () => {
    const { client } = await startBoth({ externalAccounts });
    const binding = { keyId: "kid-1", hmacKey: mac.toString("base64url") };
    const request = { ...agreed, externalAccountBinding: binding };
    await newAccount(client.client, await newAccountKey(), request);
    await expect(newAccount(client.client, await newAccountKey(), request)).rejects.toThrow(
      "accept them only once",
    );
  });

  test.each([
    // simple-acme/simple-acme#109: Google's words.
    ["malformed", "Accounts must have at least one contact.", "as contact, such as"],
    ["unsupportedContact", "no", "as contact, such as"],
    // cert-manager/cert-manager#2882: Sectigo's.
    ["malformed", "The account is not awaiting external account binding", "accept them only once"],
    ["unauthorized", "the field 'kid' references an unknown key identifier", "only once"],
    ["externalAccountRequired", "no", "only once"],
  ])("a refusal that says %s: %s has advice on that", async (type, detail, advice) => {
    const { ca, client } = await startBoth({ externalAccounts });
    ca.instead("newAccount", "every", () => problem(400, { type, detail }));
    const binding = { keyId: "kid-1", hmacKey: mac.toString("base64url") };
    const request = { ...agreed, externalAccountBinding: binding };
    const error: unknown = await newAccount(client.client, await newAccountKey(), request).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error)).toContain(detail);
    expect(String(error)).toContain(advice);
    expect(String(error).match(/contact, such as|only once/g)).toHaveLength(1);
  });

  test.each([
    ["malformed", "the signature is wrong"],
    ["rateLimited", "too many registrations for this contact"],
    ["serverInternal", "no contact to the database"],
  ])("a refusal that says %s: %s has none", async (type, detail) => {
    const { ca, client } = await startBoth({ externalAccounts });
    ca.instead("newAccount", "every", () => problem(400, { type, detail }));
    const binding = { keyId: "kid-1", hmacKey: mac.toString("base64url") };
    const request = { ...agreed, externalAccountBinding: binding };
    await expect(newAccount(client.client, await newAccountKey(), request)).rejects.toThrow(
      new RegExp(`: ${detail}$`),
    );
  });

  test("that only the refusal asks for is explained", async () => {
    const { ca, client } = await startBoth();
    ca.instead("newAccount", 1, () => problem(403, { type: "externalAccountRequired" }));
    await expect(newAccount(client.client, await newAccountKey(), agreed)).rejects.toThrow(
      "get a key id and an HMAC key from the CA, and give them as externalAccountBinding",
    );
  });

  test.each(["", "  ", "===", "not base64!"])(
    "refuses the key %j without repeating it",
    async (hmacKey) => {
      const { ca, client } = await startBoth({ externalAccounts });
      const asked = newAccount(client.client, await newAccountKey(), {
        ...agreed,
        externalAccountBinding: { keyId: "kid-1", hmacKey },
      });
      await expect(asked).rejects.toThrow(
        "the hmacKey of the external account binding kid-1 is empty or not base64url",
      );
      expect(ca.count("newAccount")).toBe(0);
    },
  );

  test("is never spent on a look-up", async () => {
    const { ca, client } = await startBoth({ externalAccounts });
    expect(await findAccount(client.client, await newAccountKey())).toBeUndefined();
    ca.assertNoDeviations();
  });
});

describe("an existing account", () => {
  test("is found by its key, and only that", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const found = await findAccount(client.client, credentials.key);
    expect(found?.url).toBe(credentials.accountUrl);
    expect(await findAccount(client.client, await newAccountKey())).toBeUndefined();
    expect(ca.state.accounts.size).toBe(1);
    ca.assertNoDeviations();
  });

  test("gets other contacts, and none", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const changed = await updateAccount(client.client, credentials, { contact: ["mailto:a@b.de"] });
    expect(changed.contact).toEqual(["mailto:a@b.de"]);
    expect((await getAccount(client.client, credentials)).contact).toEqual(["mailto:a@b.de"]);
    const cleared = await updateAccount(client.client, credentials, { contact: [] });
    expect(cleared.contact).toEqual([]);
    ca.assertNoDeviations();
  });

  test.each([
    ["a JSON string", { status: 400, headers: {}, body: '"No Key ID in JWS header"' }],
    ["a gateway's error", { status: 502, headers: {}, body: "<html>Bad Gateway</html>" }],
    ["nonsense", { status: 200, headers: {}, body: "OK" }],
  ])("is looked up by its key where the CA serves %s instead", async (_, response) => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("account", "every", () => response);
    const found = await getAccount(client.client, credentials);
    expect(found.url).toBe(credentials.accountUrl);
    ca.assertNoDeviations();
  });

  test("that the CA lost is accountDoesNotExist", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.forgetAccounts();
    await expect(getAccount(client.client, credentials)).rejects.toMatchObject({
      problem: { type: "accountDoesNotExist" },
    });
    expect(await findAccount(client.client, credentials.key)).toBeUndefined();
    await deactivateAccount(client.client, credentials);
    ca.assertNoDeviations();
  });

  test("that is deactivated is refused with a hint", async () => {
    const { ca, client, credentials } = await startWithAccount();
    await deactivateAccount(client.client, credentials);
    const asked = newOrder(client.client, credentials, { identifiers: dnsNames("a.example") });
    await expect(asked).rejects.toMatchObject({ status: 401 });
    await expect(asked).rejects.toThrow("is the account deactivated, or has it another key?");
    await deactivateAccount(client.client, credentials);
    ca.assertNoDeviations();
  });

  test("whose key is another one is not taken for deactivated", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("account", "every", () =>
      problem(403, { type: "unauthorized", detail: "wrong key" }),
    );
    await expect(deactivateAccount(client.client, credentials)).rejects.toThrow("wrong key");
  });

  test("whose CA has new terms gets their URLs, without an instance as well", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const link = '<https://ca.example/terms/v2>;rel="terms-of-service"';
    const refuse = (instance: object) => () =>
      problem(
        403,
        { type: "userActionRequired", detail: "the terms changed", ...instance },
        { link },
      );
    ca.instead("newOrder", 1, refuse({}));
    ca.instead("newOrder", 2, refuse({ instance: "https://ca.example/agree?7" }));
    const request = { identifiers: dnsNames("a.example") };
    await expect(newOrder(client.client, credentials, request)).rejects.toMatchObject({
      termsOfServiceUrl: "https://ca.example/terms/v2",
      message: expect.stringMatching(/the terms changed \(terms of service: \S+v2\)$/) as string,
    });
    await expect(newOrder(client.client, credentials, request)).rejects.toThrow(
      "see https://ca.example/agree?7",
    );
    expect(ca.count("newOrder")).toBe(2);
  });
});

describe("key change", () => {
  test("has both keys agree, and is verified with the new one", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const newKey = await newAccountKey();
    await changeAccountKey(client.client, credentials, newKey);
    expect((await findAccount(client.client, newKey))?.url).toBe(credentials.accountUrl);
    expect(await findAccount(client.client, credentials.key)).toBeUndefined();
    expect(client.requests.map(({ url }) => new URL(url).pathname.split("/")[2])).toEqual([
      "key-change",
      "acct",
      "new-acct",
      "new-acct",
    ]);
    ca.assertNoDeviations();
  });

  test("whose answer gets lost is found to be done", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.on("keyChange", 1, () => "reset");
    await changeAccountKey(client.client, credentials, await newAccountKey());
    expect(ca.count("keyChange")).toBe(1);
    ca.assertNoDeviations();
  });

  test("that the CA never saw is reported, and the old key found to be good", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.tolerate("wrong signature");
    ca.instead("keyChange", 1, () => "reset");
    await expect(
      changeAccountKey(client.client, credentials, await newAccountKey()),
    ).rejects.toThrow(/^acme: key change of account .*: no answer from /);
    expect((await getAccount(client.client, credentials)).status).toBe("valid");
    ca.assertNoDeviations();
  });

  test("that is answered 200 and did nothing is found out", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.tolerate("wrong signature");
    ca.instead("keyChange", 1, () => ({ status: 200, headers: {}, body: "" }));
    await expect(
      changeAccountKey(client.client, credentials, await newAccountKey()),
    ).rejects.toThrow("the CA answered with success, but the account still has the old key");
    ca.assertNoDeviations();
  });

  test("to a key of another account names that account", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const other = await register(connectTo(ca).client);
    await expect(changeAccountKey(client.client, credentials, other.key)).rejects.toMatchObject({
      status: 409,
      location: other.accountUrl,
      message: expect.stringContaining(
        `the new key belongs to account ${other.accountUrl}`,
      ) as string,
    });
    ca.assertNoDeviations();
  });

  test("is unsupported where the directory has none, and where the CA answers 501", async () => {
    const without = await startWithAccount({ keyChange: false });
    const asked = changeAccountKey(
      without.client.client,
      without.credentials,
      await newAccountKey(),
    );
    await expect(asked).rejects.toThrow(AcmeUnsupportedError);
    await expect(asked).rejects.toThrow("does not support key rollover");

    const { ca, client, credentials } = await startWithAccount();
    ca.instead("keyChange", 1, () => problem(501, { type: "rejectedIdentifier", detail: "no" }));
    await expect(
      changeAccountKey(client.client, credentials, await newAccountKey()),
    ).rejects.toThrow(AcmeUnsupportedError);
    expect(ca.count("keyChange")).toBe(1);
  });
});

test("an account that is answered with null members is an account", async () => {
  const { ca, client, credentials } = await startWithAccount();
  ca.on("account", 1, (response) => withMembers(response, { contact: null, orders: null, x: [] }));
  expect(await getAccount(client.client, credentials)).toEqual({
    url: credentials.accountUrl,
    status: "valid",
    termsOfServiceAgreed: true,
  });
});
