import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { loadAccountKey } from "../../../sdk/acme";
import { signKeyChange, signRequest } from "../../../sdk/acme/jws";
import { ed25519KeyPem, rsaKeyPem } from "../../support/x509/rfc-vectors";

function ecPem(namedCurve: string, type: "pkcs8" | "sec1" = "pkcs8"): string {
  return generateKeyPairSync("ec", { namedCurve })
    .privateKey.export({ type, format: "pem" })
    .toString();
}

describe("an account key", () => {
  test("https://www.rfc-editor.org/rfc/rfc7638#section-3.1", async () => {
    const key = await loadAccountKey(rsaKeyPem);
    expect(key.thumbprint).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    expect(key.algorithm).toBe("RS256");
  });

  test("https://www.rfc-editor.org/rfc/rfc8037#appendix-A.3", async () => {
    const key = await loadAccountKey(ed25519KeyPem);
    expect(key.thumbprint).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    expect(key.algorithm).toBe("EdDSA");
  });

  test.each([
    ["P-256", "ES256"],
    ["P-384", "ES384"],
    ["P-521", "ES512"],
  ])("on %s signs with %s", async (curve, algorithm) => {
    expect((await loadAccountKey(ecPem(curve))).algorithm).toBe(algorithm);
  });

  test("is read from SEC 1 and PKCS#1 as well", async () => {
    expect((await loadAccountKey(ecPem("P-256", "sec1"))).algorithm).toBe("ES256");
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const pkcs1 = rsa.export({ type: "pkcs1", format: "pem" }).toString();
    expect((await loadAccountKey(pkcs1)).algorithm).toBe("RS256");
  });

  test.each([
    ["EC", ecPem("P-256"), ["crv", "kty", "x", "y"]],
    ["RSA", rsaKeyPem, ["e", "kty", "n"]],
    ["OKP", ed25519KeyPem, ["crv", "kty", "x"]],
  ])("of type %s shows its public members alone", async (_, pem, members) => {
    const { publicJwk } = await loadAccountKey(pem);
    expect(Object.keys(publicJwk).sort()).toEqual(members);
  });

  test.each([
    ["no PEM", "hello", "is not PEM"],
    ["empty", "", "is not PEM"],
    [
      "a certificate",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      'is a PEM "CERTIFICATE"',
    ],
    [
      "broken",
      "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
      'is a PEM "PRIVATE KEY"',
    ],
    ["on a foreign curve", ecPem("secp256k1"), "an EC key on secp256k1; use P-256"],
    [
      "a small RSA key",
      generateKeyPairSync("rsa", { modulusLength: 1024 })
        .privateKey.export({ type: "pkcs8", format: "pem" })
        .toString(),
      "an RSA key of 1024 bits; use",
    ],
    [
      "encrypted",
      generateKeyPairSync("ec", { namedCurve: "P-256" })
        .privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "x" })
        .toString(),
      "is encrypted",
    ],
  ])("that is %s is refused, and not repeated in the message", async (_, pem, reason) => {
    const error: unknown = await loadAccountKey(pem).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(reason);
    const secret = pem.split("\n")[1] ?? "-";
    expect(secret === "" || !String(error).includes(secret)).toBe(true);
  });

  test("does not show itself when printed", async () => {
    const { inspect } = await import("node:util");
    const key = await loadAccountKey(ed25519KeyPem);
    const printed = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key);
    expect(printed).not.toContain("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    expect(printed).not.toContain(ed25519KeyPem.split("\n")[1]);
  });
});

describe("a signed request", () => {
  const request = { url: "https://ca.example/new?a=1&b=%20", nonce: "n-1" };

  test("of an account has alg, nonce, url and kid, and three members", async () => {
    const key = await loadAccountKey(ecPem("P-256"));
    const accountUrl = "https://ca.example/acct/%7E1";
    const text = await signRequest({ accountUrl, key }, { ...request, payload: { a: "ü" } });
    const jws = JSON.parse(text) as Record<"protected" | "payload" | "signature", string>;
    expect(Object.keys(jws).sort()).toEqual(["payload", "protected", "signature"]);
    expect(decode(jws.protected)).toEqual({ alg: "ES256", ...request, kid: accountUrl });
    expect(decode(jws.payload)).toEqual({ a: "ü" });
    // r and s, 32 bytes each.
    expect(Buffer.from(jws.signature, "base64url")).toHaveLength(64);
  });

  test("of a key has the jwk in place of the kid", async () => {
    const key = await loadAccountKey(ecPem("P-384"));
    const jws = JSON.parse(await signRequest({ key }, { ...request, payload: {} })) as {
      protected: string;
      payload: string;
    };
    expect(decode(jws.protected)).toEqual({ alg: "ES384", ...request, jwk: key.publicJwk });
    expect(jws.payload).toBe("e30");
  });

  test("without a payload is POST-as-GET: the empty string", async () => {
    const key = await loadAccountKey(ecPem("P-256"));
    const jws: unknown = JSON.parse(await signRequest({ key }, { ...request, payload: undefined }));
    expect(jws).toMatchObject({ payload: "" });
  });

  test.each([
    ["ES512", ecPem("P-521"), "sha512"],
    ["RS256", rsaKeyPem, "sha256"],
    ["EdDSA", ed25519KeyPem, null],
  ])("by %s can be verified by others", async (_, pem, hash) => {
    const key = await loadAccountKey(pem);
    const jws = JSON.parse(await signRequest({ key }, { ...request, payload: {} })) as {
      protected: string;
      payload: string;
      signature: string;
    };
    const verified = verify(
      hash,
      Buffer.from(`${jws.protected}.${jws.payload}`),
      { key: createPublicKey(pem), dsaEncoding: "ieee-p1363" },
      Buffer.from(jws.signature, "base64url"),
    );
    expect(verified).toBe(true);
  });

  test("inside a key change has no nonce, and the new key", async () => {
    const key = await loadAccountKey(ecPem("P-256"));
    const payload = { account: "https://ca.example/acct/1", oldKey: key.publicJwk };
    const jws = (await signKeyChange(key, request.url, payload)) as { protected: string };
    expect(decode(jws.protected)).toEqual({ alg: "ES256", jwk: key.publicJwk, url: request.url });
  });
});

function decode(text: string): unknown {
  return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
}
