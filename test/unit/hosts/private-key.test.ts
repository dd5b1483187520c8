import { generateKeyPairSync, type KeyObject } from "node:crypto";

import { utils } from "ssh2";
import { describe, expect, it } from "vitest";

import { isEncrypted, readableBySsh } from "../../../sdk/hosts/private-key";

function pkcs8(key: KeyObject, passphrase?: string): string {
  const encryption = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  return key.export({ type: "pkcs8", format: "pem", ...encryption }).toString();
}

const KEYS: [string, KeyObject, string][] = [
  ["Ed25519", generateKeyPairSync("ed25519").privateKey, "ssh-ed25519"],
  ["P-256", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, "ecdsa-sha2-nistp256"],
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey, "ssh-rsa"],
];

describe("whether a private key needs a passphrase", () => {
  it("shows in every format", () => {
    const [, key] = KEYS[2] ?? [];
    if (key === undefined) throw new Error("no key");
    expect(isEncrypted(pkcs8(key))).toBe(false);
    expect(isEncrypted(pkcs8(key, "open"))).toBe(true);
    const old = {
      type: "pkcs1",
      format: "pem",
      cipher: "aes-128-cbc",
      passphrase: "open",
    } as const;
    expect(isEncrypted(key.export(old).toString())).toBe(true);
    const plain = utils.generateKeyPairSync("ed25519");
    expect(isEncrypted(plain.private)).toBe(false);
    const locked = utils.generateKeyPairSync("ed25519", {
      passphrase: "open",
      cipher: "aes256-cbc",
      rounds: 16,
    });
    expect(isEncrypted(locked.private)).toBe(true);
    expect(isEncrypted("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: aes256-cbc\n")).toBe(true);
    expect(isEncrypted("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n")).toBe(false);
  });
});

/** What ssh2 makes of it: the type, and whether a signature by it holds under the original public key. */
function parsed(text: string, passphrase?: string): { type: string; pem: string } {
  const key = utils.parseKey(text, passphrase);
  if (key instanceof Error) throw key;
  return { type: key.type, pem: key.getPublicSSH().toString("base64") };
}

describe("a private key in PKCS#8, which ssh2 cannot read", () => {
  it.each(KEYS)("is turned into what it can read: %s", (_name, key, type) => {
    const { text, passphrase } = readableBySsh({ text: pkcs8(key) });
    expect(passphrase).toBeUndefined();
    expect(parsed(text).type).toBe(type);
  });

  it.each(KEYS)("is decrypted by its passphrase: %s", (_name, key) => {
    const readable = readableBySsh({ text: pkcs8(key, "open"), passphrase: "open" });
    expect(parsed(readable.text)).toEqual(parsed(readableBySsh({ text: pkcs8(key) }).text));
  });

  it("is refused with a wrong passphrase", () => {
    const [, key] = KEYS[0] ?? [];
    if (key === undefined) throw new Error("no key");
    expect(() => readableBySsh({ text: pkcs8(key, "open"), passphrase: "shut" })).toThrow();
  });

  it("keeps an Ed25519 key the same key, whatever its padding", () => {
    for (let count = 0; count < 20; count++) {
      const { privateKey, publicKey } = generateKeyPairSync("ed25519");
      const key = utils.parseKey(readableBySsh({ text: pkcs8(privateKey) }).text);
      if (key instanceof Error) throw key;
      const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
      expect(key.getPublicSSH().subarray(-32).equals(raw)).toBe(true);
      const data = Buffer.from("to be signed");
      expect(key.verify(data, key.sign(data))).toBe(true);
    }
  });

  it("leaves other formats as they are", () => {
    const text = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n";
    expect(readableBySsh({ text, passphrase: "p" })).toEqual({ text, passphrase: "p" });
  });
});
