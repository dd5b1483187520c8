import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { accountHandler } from "../../../../sdk/provider/account";
import { generatePrivateKey } from "../../../../sdk/x509/keys";
import { ed25519KeyPem } from "../../../support/x509/rfc-vectors";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SECRET = "4dabf18193072939515e22adb298388d";
const minimal = { directoryUrl: "https://ca.example/dir" };

async function failuresOf(changes: Record<string, unknown>): Promise<string[]> {
  const { failures } = await accountHandler.check({}, { ...minimal, ...changes });
  return failures.map(({ path, reason }) => `${path}: ${reason}`);
}

async function inputsOf(changes: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { inputs, failures } = await accountHandler.check({}, { ...minimal, ...changes });
  expect(failures).toEqual([]);
  return inputs;
}

describe("the arguments of an account", () => {
  it("are right when they are minimal, and when all are given", async () => {
    expect(await failuresOf({})).toEqual([]);
    const complete = {
      termsOfServiceAgreed: true,
      contact: ["mailto:admin@example.com"],
      externalAccountBinding: { keyId: "kid-1", hmacKey: "c2VjcmV0", algorithm: "HS512" },
      keyType: "P384",
      accountKeyPem: await generatePrivateKey("P384"),
      mustExist: true,
      caBundlePem: CERTIFICATE,
      deactivateOnDestroy: true,
      __urn: "urn:pulumi:dev::project::type::name",
      __provider: "exports.handler",
    };
    expect(await failuresOf(complete)).toEqual([]);
  });

  it("contacts come back as URLs, sorted, each once", async () => {
    const { contact } = await inputsOf({
      contact: [
        "ops@Example.com",
        "mailto:admin@example.com",
        " MAILTO:ops@example.com ",
        "tel:+12025551212",
        "a+b@xn--bcher-kva.example",
      ],
    });
    expect(contact).toEqual([
      "mailto:a+b@xn--bcher-kva.example",
      "mailto:admin@example.com",
      "mailto:ops@example.com",
      "tel:+12025551212",
    ]);
  });

  it.each([
    ["mailto:a@example.com?subject=x", /has header fields after a "\?"/],
    ["a@example.com,b@example.com", /has a comma; write each address as an entry of its own/],
    ["mailto:a@example.com,b@example.com", /has a comma/],
    ["admin", /is not a mail address/],
    ["a@@example.com", /is not a mail address/],
    ["a@example.com.", /is not a mail address/],
    ["ä@example.com", /is not a mail address/],
    ["a b@example.com", /is not a mail address/],
    ["tel: 1", /neither a mail address nor a URL/],
    ["", /is empty/],
  ])("the contact %j is refused", async (contact, reason) => {
    const [failure, ...others] = await failuresOf({ contact: ["ok@example.com", contact] });
    expect(failure).toMatch(/^contact\[1\]: /);
    expect(failure).toMatch(reason);
    expect(others).toEqual([]);
  });

  it.each([
    ["http://ca.example/dir", false],
    ["http://localhost:14000/dir", true],
    ["http://127.0.0.1:14000/dir", true],
    ["http://[::1]:14000/dir", true],
    ["http://127.0.0.1.example.com/dir", false],
    ["ca.example/dir", false],
    ["ftp://ca.example/dir", false],
    ["", false],
  ])("the directory URL %j: allowed %j", async (directoryUrl, allowed) => {
    expect(await failuresOf({ directoryUrl })).toEqual(
      allowed ? [] : ["directoryUrl: must be an https URL (plain http only for a loopback host)"],
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      "unknown argument",
      { contacts: ["a@example.com"] },
      'contacts: unknown argument; did you mean "contact"?',
    ],
    [
      "unknown nested argument",
      { externalAccountBinding: { keyID: "1", keyId: "1", hmacKey: "c2VjcmV0" } },
      'externalAccountBinding.keyID: unknown argument; did you mean "keyId"?',
    ],
    ["missing directory", { directoryUrl: undefined }, "directoryUrl: is missing"],
    ["contact as a text", { contact: "a@example.com" }, "contact: must be a list, not a string"],
    [
      "key type that is none",
      { keyType: "p256" },
      'keyType: must be one of P256, P384, P521, RSA2048, RSA3072, RSA4096 and Ed25519; did you mean "P256"?',
    ],
    [
      "MAC algorithm that is none",
      { externalAccountBinding: { keyId: "1", hmacKey: "c2VjcmV0", algorithm: "SHA256" } },
      "externalAccountBinding.algorithm: must be one of HS256, HS384 and HS512",
    ],
    [
      "mustExist without a key",
      { mustExist: true },
      "mustExist: needs accountKeyPem: a new key cannot have an account",
    ],
    [
      "triggers for a key that is given",
      { triggers: [1], accountKeyPem: ed25519KeyPem },
      "triggers: cannot be given with accountKeyPem: change that key instead",
    ],
    [
      "a bundle without certificates",
      { caBundlePem: "/etc/ssl/ca.pem" },
      "caBundlePem: holds no certificate in PEM form",
    ],
  ])("%s is refused with what to do", async (_what, changes, failure) => {
    expect((await failuresOf(changes)).map((text) => text.slice(0, failure.length))).toEqual([
      failure,
    ]);
  });

  it("name the broken certificate of a bundle, and refuse a private key in it", async () => {
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    expect(await failuresOf({ caBundlePem: `# A CA\n${CERTIFICATE}${broken}` })).toEqual([
      "caBundlePem: certificate 2 cannot be read",
    ]);
    const key = await generatePrivateKey("P256");
    expect(await failuresOf({ caBundlePem: CERTIFICATE + key })).toEqual([
      "caBundlePem: holds a private key; give certificates alone",
    ]);
    expect(await inputsOf({ caBundlePem: `\n# A CA\n${CERTIFICATE}\n\n` })).toMatchObject({
      caBundlePem: `# A CA\n${CERTIFICATE}`,
    });
  });

  it("take a key in any usual form, and hold it as PKCS#8", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const sec1 = privateKey.export({ type: "sec1", format: "pem" });
    const pkcs8 = privateKey.export({ type: "pkcs8", format: "pem" });
    const { accountKeyPem } = await inputsOf({ accountKeyPem: sec1, keyType: "P384" });
    expect(accountKeyPem).toMatchObject({ [SECRET]: expect.any(String) as string, value: pkcs8 });
  });

  it("refuse a key type that is not the key's", async () => {
    const accountKeyPem = await generatePrivateKey("P384");
    expect(await failuresOf({ accountKeyPem, keyType: "P256" })).toEqual([
      "keyType: the key in accountKeyPem is of the kind P384; leave keyType out",
    ]);
  });

  it("mark what is secret, even if the user did not", async () => {
    const { externalAccountBinding } = await inputsOf({
      externalAccountBinding: { keyId: "kid-1", hmacKey: "c2VjcmV0" },
    });
    expect(externalAccountBinding).toMatchObject({
      keyId: "kid-1",
      hmacKey: { [SECRET]: expect.any(String) as string, value: "c2VjcmV0" },
    });
  });

  it.each([
    [
      "externalAccountBinding.hmacKey",
      { externalAccountBinding: { keyId: "1", hmacKey: "hunter2 !!" } },
    ],
    ["externalAccountBinding.hmacKey", { externalAccountBinding: { keyId: "1", hmacKey: "" } }],
    ["externalAccountBinding.hmacKey", { externalAccountBinding: { keyId: "1", hmacKey: "=" } }],
    ["accountKeyPem", { accountKeyPem: "hunter2" }],
    [
      "accountKeyPem",
      { accountKeyPem: "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n" },
    ],
    ["accountKeyPem", { accountKeyPem: ["hunter2"] }],
  ])("never show a wrong secret: %s", async (path, changes) => {
    const failures = await failuresOf(changes);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(new RegExp(`^${path}: `));
    expect(failures.join()).not.toContain("hunter2");
  });

  it.each(["c2VjcmV0", "c2VjcmV0MQ==", "a+b/c2Vj", "a-b_c2Vj", " c2Vj\ncmV0 "])(
    "take the HMAC key %j, as CAs show it",
    async (hmacKey) => {
      expect(await failuresOf({ externalAccountBinding: { keyId: "1", hmacKey } })).toEqual([]);
    },
  );

  it("let through what is not known yet", async () => {
    for (const key of [
      "directoryUrl",
      "contact",
      "externalAccountBinding",
      "keyType",
      "accountKeyPem",
      "mustExist",
      "caBundlePem",
    ]) {
      expect(await failuresOf({ [key]: UNKNOWN })).toEqual([]);
    }
    expect((await inputsOf({ contact: ["b@example.com", UNKNOWN] }))["contact"]).toEqual([
      "mailto:b@example.com",
      UNKNOWN,
    ]);
  });
});

/** A root of nobody's. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBPjCB8aADAgECAhR7ecjveokl2EDFpEJ37f59FGl1LDAFBgMrZXAwFDESMBAG
A1UEAwwJdGVzdCByb290MCAXDTI2MTEyNDA3MjAwMVoYDzIxMjYxMDMxMDcyMDAx
WjAUMRIwEAYDVQQDDAl0ZXN0IHJvb3QwKjAFBgMrZXADIQBcwmWx28DsGQwBCIcA
a9bC49VlBfm+L0wFuB6E88AYZqNTMFEwHQYDVR0OBBYEFKt2a6EUaKR0XJbApCKP
FcAIfAgCMB8GA1UdIwQYMBaAFKt2a6EUaKR0XJbApCKPFcAIfAgCMA8GA1UdEwEB
/wQFMAMBAf8wBQYDK2VwA0EAKmyu4CfkKdR4Jf2F7ZEisFU9EJV5axrwnpMLBhET
Ylr7wTjzYSTOq5SY8xmBFqbVWGPAIwoMHLXKyncvqOYtDA==
-----END CERTIFICATE-----
`;
