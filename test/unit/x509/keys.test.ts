/** Private keys: made, read in every usual form, and refused without a word of their text. */
import { createPrivateKey } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  generatePrivateKey,
  isSameKey,
  KEY_TYPES,
  keyTypeOf,
  normalizePrivateKey,
  publicKeySha256,
} from "../../../sdk/x509/keys";
import { ConfigurationError } from "../../../sdk/util/errors";
import { createIssuer, issueLeaf } from "../../support/x509/chain-fixture";
import { openssl } from "../../support/x509/openssl";

describe("a generated key", () => {
  it.each(KEY_TYPES)("of type %s is PKCS#8 PEM that OpenSSL takes", async (keyType) => {
    const pem = await generatePrivateKey(keyType);
    expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^]*\n-----END PRIVATE KEY-----\n$/);
    expect(pem.endsWith("\n\n")).toBe(false);
    expect(keyTypeOf(pem)).toBe(keyType);
    expect(normalizePrivateKey(pem)).toBe(pem);
    expect(openssl(["pkey", "-noout", "-check"], pem)).toContain("Key is valid");
  });

  it("is another one each time", async () => {
    expect(await generatePrivateKey("P256")).not.toBe(await generatePrivateKey("P256"));
  });

  it("does not block the event loop while it is made", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await generatePrivateKey("RSA4096");
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});

describe("a key that a user brings", () => {
  it.each([
    ["SEC 1", ["ecparam", "-genkey", "-noout", "-name", "prime256v1"], "P256"],
    ["SEC 1 after its curve", ["ecparam", "-genkey", "-name", "secp384r1"], "P384"],
    ["PKCS#1", ["genrsa", "-traditional", "2048"], "RSA2048"],
    ["PKCS#8", ["genpkey", "-algorithm", "ED25519"], "Ed25519"],
  ])("in %s form becomes PKCS#8", (_form, args, keyType) => {
    const pem = openssl(args);
    const normal = normalizePrivateKey(pem);
    expect(normal).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(keyTypeOf(normal)).toBe(keyType);
    expect(publicKeySha256(normal)).toBe(publicKeySha256(pem));
    expect(normalizePrivateKey(`\r\n${pem.replace(/\n/g, "\r\n")}  `)).toBe(normal);
  });

  it("of an RSA size without a name is usable, and has no key type", () => {
    const pem = normalizePrivateKey(openssl(["genrsa", "2560"]));
    expect(keyTypeOf(pem)).toBeUndefined();
  });

  it.each([
    ["short RSA", openssl(["genrsa", "1024"]), /RSA of 1024 bits/],
    [
      "secp256k1",
      openssl(["ecparam", "-genkey", "-noout", "-name", "secp256k1"]),
      /ECDSA on secp256k1/,
    ],
    ["Ed448", openssl(["genpkey", "-algorithm", "ED448"]), /ed448/],
    [
      "encrypted PKCS#8",
      openssl(["genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "pass:x1y2"]),
      /is encrypted/,
    ],
    [
      "encrypted PKCS#1",
      openssl(["genrsa", "-traditional", "-aes128", "-passout", "pass:x1y2", "2048"]),
      /is encrypted/,
    ],
    ["OpenSSH's", openssh(), /OpenSSH's own format/],
    ["a public key", openssl(["pkey", "-pubout"], openssl(["genrsa", "2048"])), /is a public key/],
    ["a path", "/etc/ssl/private/key.pem", /not a private key in PEM form/],
    ["nothing", "", /not a private key in PEM form/],
    ["half of it", openssl(["genrsa", "2048"]).slice(0, 800), /cut off/],
    ["two keys", openssl(["genrsa", "2048"]).repeat(2), /several private keys/],
  ])("that is %s is refused with the reason", (_what, pem, reason) => {
    expect(() => normalizePrivateKey(pem)).toThrow(ConfigurationError);
    expect(() => normalizePrivateKey(pem)).toThrow(reason);
  });

  it("never shows in the error, however its text is damaged", async () => {
    const pem = await generatePrivateKey("P256");
    const body = pem.split("\n").slice(1, -2).join("");
    fc.assert(
      fc.property(
        fc.nat(pem.length - 1),
        fc.nat(40),
        fc.string({ maxLength: 8 }),
        (at, removed, added) => {
          const damaged = pem.slice(0, at) + added + pem.slice(at + removed);
          try {
            // What still reads must be a whole key.
            createPrivateKey(normalizePrivateKey(damaged));
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigurationError);
            const text = String(error);
            for (let index = 0; index + 8 <= body.length; index += 4) {
              expect(text).not.toContain(body.slice(index, index + 8));
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the hash of a public key", () => {
  it("is equal for a private key and its certificate, whatever the type", async () => {
    const issuer = await createIssuer("Root");
    for (const keyType of KEY_TYPES.filter((type) => !type.startsWith("RSA3"))) {
      const leaf = await issueLeaf(issuer, { keyType });
      expect(publicKeySha256(leaf.pem + issuer.pem)).toBe(leaf.publicKeySha256);
      expect(isSameKey(leaf.privateKeyPem, leaf.pem)).toBe(true);
      expect(isSameKey(leaf.privateKeyPem, issuer.pem)).toBe(false);
    }
  });

  it("is what openssl computes for a pin", async () => {
    const pem = await generatePrivateKey("P256");
    const file = openssl(["pkey", "-pubout"], pem);
    const der = Buffer.from(file.split("\n").slice(1, -2).join(""), "base64");
    expect(Buffer.from(publicKeySha256(pem), "base64").toString("hex")).toBe(
      /[0-9a-f]{64}/.exec(openssl(["dgst", "-sha256"], der))?.[0],
    );
  });

  it("of nonsense is an error that does not show it", () => {
    expect(() => publicKeySha256("hunter2")).toThrow(ConfigurationError);
    expect(() => publicKeySha256("hunter2")).not.toThrow(/hunter2/);
  });
});

/** A key in OpenSSH's form; its content does not matter, the label decides. */
function openssh(): string {
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${"b3BlbnNzaC1rZXktdjEA".repeat(5)}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
