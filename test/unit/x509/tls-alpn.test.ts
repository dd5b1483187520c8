import { createHash, X509Certificate } from "node:crypto";

import { describe, expect, it } from "vitest";

import { x509 } from "../../../sdk/x509/library";
import { createTlsAlpnCertificate, tlsAlpnFault } from "../../../sdk/x509/tls-alpn";
import { openssl } from "../../support/x509/openssl";

const keyAuthorization = "token.thumbprint";
const dns = { type: "dns", value: "www.example.org" } as const;

async function make(
  name: Parameters<typeof createTlsAlpnCertificate>[0],
): Promise<X509Certificate> {
  const { certificatePem, privateKeyPem } = await createTlsAlpnCertificate(name, keyAuthorization);
  const certificate = new X509Certificate(certificatePem);
  const { createPrivateKey } = await import("node:crypto");
  expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
  return certificate;
}

/** A certificate with these extensions, DER. */
async function withExtensions(extensions: x509.Extension[]): Promise<Uint8Array> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=x",
    keys,
    signingAlgorithm: algorithm,
    extensions,
  });
  return new Uint8Array(certificate.rawData);
}

const digest = createHash("sha256").update(keyAuthorization).digest();
const right = new Uint8Array([4, 32, ...digest]);
const san = (...names: string[]): x509.Extension =>
  new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value })));
const acmeIdentifier = (
  value: Uint8Array<ArrayBuffer>,
  critical = true,
  type = "1.3.6.1.5.5.7.1.31",
) => new x509.Extension(type, critical, value);

describe("the certificate for tls-alpn-01 (RFC 8737 §3)", () => {
  it("is self-signed X.509 v3 with one name and the critical acmeIdentifier, as OpenSSL reads it", async () => {
    const certificate = await make(dns);
    const text = openssl(["x509", "-noout", "-text"], certificate.toString());
    expect(text).toContain("Version: 3 (0x2)");
    expect(text).toMatch(/X509v3 Subject Alternative Name:[^\n]*\n\s*DNS:www\.example\.org\n/);
    expect(text).toContain("1.3.6.1.5.5.7.1.31: critical");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.raw.includes(Buffer.from([0x04, 0x22, 0x04, 0x20, ...digest]))).toBe(true);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  });

  it.each([
    ["192.0.2.7", "IP Address:192.0.2.7"],
    ["2001:db8::7", "IP Address:2001:DB8:0:0:0:0:0:7"],
  ])("names the address %s as an address (RFC 8738 §6)", async (value, expected) => {
    const certificate = await make({ type: "ip", value });
    expect(certificate.subjectAltName?.toUpperCase()).toBe(expected.toUpperCase());
    expect(tlsAlpnFault(certificate.raw, { type: "ip", value }, keyAuthorization)).toBeUndefined();
  });

  it("can be made for the longest of names", async () => {
    const value = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(55)}.org`;
    const certificate = await make({ type: "dns", value });
    expect(certificate.subjectAltName).toBe(`DNS:${value}`);
  });

  it("has another serial number and key each time", async () => {
    const [a, b] = await Promise.all([make(dns), make(dns)]);
    expect(a.serialNumber).not.toBe(b.serialNumber);
    expect(a.publicKey.equals(b.publicKey)).toBe(false);
  });
});

describe("judging one as a CA does", () => {
  const judge = async (extensions: x509.Extension[]): Promise<string | undefined> =>
    tlsAlpnFault(await withExtensions(extensions), dns, keyAuthorization);

  it("finds nothing wrong with the right one, in any case of the name", async () => {
    expect(await judge([san("WWW.example.org"), acmeIdentifier(right)])).toBeUndefined();
  });

  it.each<[string, x509.Extension[], string]>([
    [
      "an everyday certificate",
      [san("www.example.org")],
      "a certificate that is not one for this challenge (it has no acmeIdentifier)",
    ],
    [
      "the identifier of the drafts",
      [san("www.example.org"), acmeIdentifier(right, true, "1.3.6.1.5.5.7.1.30.1")],
      "a certificate that is not one for this challenge (it has no acmeIdentifier)",
    ],
    [
      "an extension that is not critical",
      [san("www.example.org"), acmeIdentifier(right, false)],
      "a certificate whose acmeIdentifier is not critical",
    ],
    [
      "two names",
      [san("www.example.org", "b.example"), acmeIdentifier(right)],
      "a certificate for b.example, www.example.org",
    ],
    ["another name", [san("b.example"), acmeIdentifier(right)], "a certificate for b.example"],
    ["no name", [acmeIdentifier(right)], "a certificate for no name"],
    [
      "another digest",
      [san("www.example.org"), acmeIdentifier(new Uint8Array([4, 32, ...Buffer.alloc(32)]))],
      "a certificate for another token or another account",
    ],
    [
      "a digest without its DER",
      [san("www.example.org"), acmeIdentifier(new Uint8Array(digest))],
      "a certificate for another token or another account",
    ],
  ])("finds %s", async (_, extensions, fault) => {
    expect(await judge(extensions)).toBe(fault);
  });

  it("finds an address where a name should be, and what is no certificate", async () => {
    const certificate = await make({ type: "ip", value: "192.0.2.7" });
    expect(tlsAlpnFault(certificate.raw, dns, keyAuthorization)).toBe(
      "a certificate for 192.0.2.7",
    );
    expect(tlsAlpnFault(Buffer.from("nonsense"), dns, keyAuthorization)).toBe(
      "a certificate that cannot be read",
    );
  });
});
