import { generateKeyPairSync, type KeyObject } from "node:crypto";

import { utils } from "ssh2";
import { describe, expect, it } from "vitest";

import {
  formProblem,
  isEncrypted,
  normalizedKey,
  privateKeyProblem,
  readableBySsh,
} from "../../../sdk/hosts/private-key";
import { PUTTY_ED25519, PUTTY_RSA } from "../../support/ssh/putty-keys";

function pkcs8(key: KeyObject, passphrase?: string): string {
  const encryption = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  return key.export({ type: "pkcs8", format: "pem", ...encryption }).toString();
}

const KEYS: [string, KeyObject, string][] = [
  ["Ed25519", generateKeyPairSync("ed25519").privateKey, "ssh-ed25519"],
  ["P-256", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, "ecdsa-sha2-nistp256"],
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey, "ssh-rsa"],
];

/** By `openssl pkcs8 -topk8 -v1 PBE-MD5-DES -provider legacy`; the passphrase is "open". */
const MD5_DES = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGwMBsGCSqGSIb3DQEFAzAOBAjGJO0mNnTGwwICCAAEgZBjHe0B3Vnp41FZ/s4S
TI3CwGA5jSoGpSGbMEZPQXWaMMH6Y+PW9AGdlc5pJjf8XRxooBkIKTtgI2+Zx+T9
lYDq2AnJpl7pbWkruf+KCvgydfDzYCoCGuqTyJPFgZQMmhfj8aS0TLi47U1HGSAH
apyEnIDpY3lyeHZO0VrBuaXYOKQQp54YcBqMyyi7Kr7i1eI=
-----END ENCRYPTED PRIVATE KEY-----
`;

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

describe("the text of a private key", () => {
  const key = utils.generateKeyPairSync("ed25519").private.trim();

  it("is read from what .env files, editors and template literals make of it", () => {
    for (const text of [
      `\uFEFF${key}`,
      key.replaceAll("\n", "\r\n"),
      key.replaceAll("\n", "\\n"),
      key.replaceAll("\n", "\\r\\n"),
      key.replaceAll("\n", " "),
      `\n${key.replace(/^/gm, "\t")}\n\n`,
      `Bag Attributes\n  friendlyName: x\n${key}`,
    ]) {
      expect(normalizedKey(text)).toBe(`${key}\n`);
    }
  });

  it("keeps the headers of an encrypted key in the old format, and the empty line after them", () => {
    const old = KEYS[2]?.[1].export({
      ...{ type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: "open" },
    } as const);
    expect(normalizedKey(`  ${String(old).replaceAll("\n", "\r\n  ")}`)).toBe(old);
  });

  it.each([
    ["PuTTY's version 3", PUTTY_ED25519, /PuTTY key \(version 3, ssh-ed25519\).*`puttygen /],
    ["PuTTY's version 2 with Ed25519", PUTTY_ED25519.replace("-3:", "-2:"), /PuTTY key/],
    ["ssh.com's", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", /ssh\.com.*`puttygen /],
    ["a public key's", "ssh-ed25519 AAAAC3Nz root@web-1", /^is a public key/],
    ["a path's", "~/.ssh/id_ed25519", /not its path/],
  ])("of a form that nothing reads is refused with a remedy: %s", (_form, text, expected) => {
    expect(formProblem(text)).toMatch(expected);
    expect(formProblem(text)).not.toMatch(/passphrase|privateKeyPassword/);
  });

  it("may be of every other form", () => {
    for (const [, pkcs8Key] of KEYS) expect(formProblem(pkcs8(pkcs8Key))).toBeUndefined();
    expect(formProblem(key)).toBeUndefined();
    expect(formProblem(PUTTY_RSA)).toBeUndefined();
    expect(formProblem(PUTTY_RSA.replaceAll("\n", "\r\n"))).toBeUndefined();
  });

  it("of 1 MiB is no work", () => {
    for (const part of ["-----BEGIN A PRIVATE KEY-----", "-", "\n", " ", "\\n", "A"]) {
      normalizedKey(part.repeat(1_000_000 / part.length));
      formProblem(part.repeat(1_000_000 / part.length));
    }
  });
});

describe("a private key with its passphrase", () => {
  const [, key] = KEYS[0] ?? [];
  if (key === undefined) throw new Error("no key");

  it("is read where it needs none", () => {
    expect(privateKeyProblem({ privateKey: pkcs8(key) })).toBeUndefined();
  });

  it("is blamed for the passphrase only where that is missing or wrong", () => {
    const privateKey = pkcs8(key, "open");
    expect(privateKeyProblem({ privateKey })).toMatch(/privateKeyPassword is missing/);
    expect(privateKeyProblem({ privateKey, privateKeyPassword: "shut" })).toMatch(
      /privateKeyPassword is wrong/,
    );
    expect(privateKeyProblem({ privateKey, privateKeyPassword: "open" })).toBeUndefined();
  });

  it("encrypted by what OpenSSL has given up is told by its form", () => {
    const problem = privateKeyProblem({ privateKey: MD5_DES, privateKeyPassword: "open" });
    expect(problem).toMatch(/no longer supports.*`openssl pkcs8 -provider legacy/);
  });

  it("of a security token needs the other transport", () => {
    const string = (text: string): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      return Buffer.concat([length, Buffer.from(text, "latin1")]);
    };
    const publicKey = string("sk-ssh-ed25519@openssh.com").toString("latin1");
    const head = ["none", "none", ""].map(string);
    const blob = Buffer.concat([
      Buffer.from("openssh-key-v1\0"),
      ...head,
      Buffer.from([0, 0, 0, 1]),
      string(publicKey),
    ]);
    const name = "OPENSSH PRIVATE KEY";
    const privateKey = `-----BEGIN ${name}-----\n${blob.toString("base64")}\n-----END ${name}-----`;
    expect(privateKeyProblem({ privateKey })).toMatch(/transport: "openssh"/);
    expect(privateKeyProblem({ privateKey, transport: "openssh" })).toBeUndefined();
  });
});

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
