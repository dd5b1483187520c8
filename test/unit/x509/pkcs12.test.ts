/** PKCS#12 files are read by OpenSSL and by node's TLS, with every kind of key. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";

import { beforeAll, describe, expect, it } from "vitest";

import { isSameKey, normalizePrivateKey } from "../../../sdk/x509/keys";
import { splitCertificates } from "../../../sdk/x509/pem";
import { createPkcs12 } from "../../../sdk/x509/pkcs12";
import { createIssuer, issueLeaf, type Issuer } from "../../support/x509/chain-fixture";
import { openssl } from "../../support/x509/openssl";

const password = 'p$ss "word" 12';
let root: Issuer;
let intermediate: Issuer;

beforeAll(async () => {
  root = await createIssuer("Root X");
  intermediate = await createIssuer("Intermediate R1", root);
});

describe("a PKCS#12 file", () => {
  it.each(["P256", "P521", "RSA2048", "Ed25519"] as const)(
    "with a key of type %s gives the same key and certificates back",
    async (keyType) => {
      const leaf = await issueLeaf(intermediate, { keyType });
      const fullchainPem = leaf.pem + intermediate.pem;
      const file = await createPkcs12({
        privateKeyPem: leaf.privateKeyPem,
        fullchainPem,
        password,
      });
      const key = read(file, ["-nocerts", "-noenc"]);
      expect(normalizePrivateKey(key)).toBe(leaf.privateKeyPem);
      expect(certificatesIn(read(file, ["-nokeys", "-clcerts"]))).toEqual([leaf.pem]);
      expect(certificatesIn(read(file, ["-nokeys", "-cacerts"]))).toEqual([intermediate.pem]);
      expect(isSameKey(key, leaf.pem)).toBe(true);
      expect(() =>
        createSecureContext({ pfx: Buffer.from(file), passphrase: password }),
      ).not.toThrow();
    },
  );

  it("is encrypted by AES-256 and authenticated by SHA-256, 100 000 rounds each", async () => {
    const leaf = await issueLeaf(root);
    const file = await createPkcs12({
      privateKeyPem: leaf.privateKeyPem,
      fullchainPem: leaf.pem,
      password,
    });
    const text = read(file, ["-info", "-noout"], true);
    expect(text).toContain("MAC: sha256, Iteration 100000");
    expect(
      text.match(/PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256/g),
    ).toHaveLength(2);
  });

  it("is not opened by another password", async () => {
    const leaf = await issueLeaf(root);
    const file = await createPkcs12({
      privateKeyPem: leaf.privateKeyPem,
      fullchainPem: leaf.pem,
      password,
    });
    expect(() => createSecureContext({ pfx: Buffer.from(file), passphrase: "other" })).toThrow(
      /mac/,
    );
  });

  it.each(["", "pässword", "tab\t"])("is refused with the password %j", async (bad) => {
    const leaf = await issueLeaf(root);
    const made = createPkcs12({
      privateKeyPem: leaf.privateKeyPem,
      fullchainPem: leaf.pem,
      password: bad,
    });
    await expect(made).rejects.toThrow(/printable ASCII, and not empty$/);
  });
});

function read(file: Uint8Array, args: readonly string[], words = false): string {
  const folder = mkdtempSync(join(tmpdir(), "acme-p12-"));
  try {
    writeFileSync(join(folder, "file.p12"), file, { mode: 0o600 });
    writeFileSync(join(folder, "password"), password, { mode: 0o600 });
    const read = [
      "pkcs12",
      "-in",
      join(folder, "file.p12"),
      "-passin",
      `file:${join(folder, "password")}`,
    ];
    return openssl([...read, ...args], "", words);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function certificatesIn(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  return splitCertificates(blocks.join("\n"));
}
