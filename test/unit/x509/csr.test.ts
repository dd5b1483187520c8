/** Certificate requests: what we write is what OpenSSL reads, and what users bring is read strictly. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ConfigurationError } from "../../../sdk/util/errors";
import { createCertificateRequest, readCertificateRequest } from "../../../sdk/x509/csr";
import { encodePem } from "../../../sdk/util/pem";
import { generatePrivateKey, KEY_TYPES, publicKeySha256 } from "../../../sdk/x509/keys";
import { openssl } from "../../support/x509/openssl";

describe("a request that we make", () => {
  it.each(KEY_TYPES)(
    "with a key of type %s is verified by OpenSSL, names and all",
    async (keyType) => {
      const privateKeyPem = await generatePrivateKey(keyType);
      const text = inspect(
        await createCertificateRequest({
          privateKeyPem,
          dnsNames: ["example.com", "*.example.com", "xn--bcher-kva.example"],
          ipAddresses: ["192.0.2.1", "2001:db8::1"],
        }),
      );
      expect(text).toContain("self-signature verify OK");
      expect(text).toMatch(/Subject:\s*\n/);
      expect(text).toContain(
        "DNS:example.com, DNS:*.example.com, DNS:xn--bcher-kva.example, " +
          "IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1",
      );
      expect(text).not.toContain("1.3.6.1.5.5.7.1.24");
    },
  );

  it("has a subject with the common name alone where one is wanted", async () => {
    const text = inspect(
      await createCertificateRequest({
        privateKeyPem: await generatePrivateKey("P256"),
        dnsNames: ["www.example.com"],
        ipAddresses: [],
        commonName: "www.example.com",
      }),
    );
    expect(text).toMatch(/Subject: CN = www\.example\.com\n/);
  });

  it("asks for must-staple by the TLS feature extension", async () => {
    const text = inspect(
      await createCertificateRequest({
        privateKeyPem: await generatePrivateKey("P256"),
        dnsNames: ["example.com"],
        ipAddresses: [],
        mustStaple: true,
      }),
    );
    expect(text).toMatch(/TLS Feature:\s+status_request/);
  });

  it("writes IPv6 addresses as sixteen octets, however they are written", async () => {
    const privateKeyPem = await generatePrivateKey("P256");
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.ipV6(), { minLength: 1, maxLength: 4 }),
        async (addresses) => {
          const der = await createCertificateRequest({
            privateKeyPem,
            dnsNames: [],
            ipAddresses: addresses,
          });
          const { ipAddresses } = readCertificateRequest(encodePem("CERTIFICATE REQUEST", der));
          const canonical = addresses.map((address) =>
            new URL(`http://[${address}]`).hostname.slice(1, -1),
          );
          expect(ipAddresses).toEqual([...new Set(canonical)].sort());
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("a request that a user brings", () => {
  it("is read: names lower-cased and sorted, key, octets", async () => {
    const privateKeyPem = await generatePrivateKey("P384");
    const der = await createCertificateRequest({
      privateKeyPem,
      dnsNames: ["www.example.com", "Example.com", "*.example.com"],
      ipAddresses: ["2001:DB8:0:0::1", "192.0.2.1"],
    });
    for (const label of ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"]) {
      expect(readCertificateRequest(encodePem(label, der))).toEqual({
        der,
        dnsNames: ["*.example.com", "example.com", "www.example.com"],
        ipAddresses: ["192.0.2.1", "2001:db8::1"],
        publicKeySha256: publicKeySha256(privateKeyPem),
      });
    }
  });

  it.each([
    ["P-521 and SHA-512", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512"]],
    ["P-256 and SHA-384", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha384"]],
    ["RSA and SHA-384", ["-newkey", "rsa:2048", "-sha384"]],
    ["Ed25519", ["-newkey", "ed25519"]],
  ])("made by OpenSSL with %s is read, and its common name counts as a name", (_what, args) => {
    const facts = readCertificateRequest(
      requestByOpenssl(args, "/CN=App.example.com", "DNS:b.example.com"),
    );
    expect(facts).toMatchObject({
      dnsNames: ["app.example.com", "b.example.com"],
      ipAddresses: [],
      commonName: "App.example.com",
    });
  });

  it("with an IP address as its common name asks for that address", () => {
    const pem = requestByOpenssl(["-newkey", "ed25519"], "/CN=192.0.2.7", "DNS:b.example.com");
    expect(readCertificateRequest(pem)).toMatchObject({
      dnsNames: ["b.example.com"],
      ipAddresses: ["192.0.2.7"],
    });
  });

  it.each([
    "Generic ACME Certificate",
    "webserver",
    " www.example.com ",
    "admin@example.com",
    "mailto:admin@example.com",
    "www.example.com.",
    "bücher.example.com",
    "a..example.com",
  ])("with the common name '%s' asks for its other names: that is a label", (label) => {
    const args = ["-newkey", "ed25519", "-utf8"];
    const pem = requestByOpenssl(args, `/CN=${label}`, "DNS:www.example.com");
    expect(readCertificateRequest(pem).dnsNames).toEqual(["www.example.com"]);
  });

  it("with one word for its only name asks for that, which private CAs may certify", () => {
    const pem = requestByOpenssl(["-newkey", "ed25519"], "/CN=intranet");
    expect(readCertificateRequest(pem).dnsNames).toEqual(["intranet"]);
  });

  it("with its contents as text before it (openssl req -text) is read", () => {
    const args = ["-newkey", "ed25519"];
    const pem = requestByOpenssl([...args, "-text"], "/CN=example.com", "DNS:www.example.com");
    expect(pem).toMatch(/^Certificate Request:/);
    expect(readCertificateRequest(pem).dnsNames).toEqual(["example.com", "www.example.com"]);
  });

  it.each([
    ["mail addresses", "/CN=example.com", "email:a@example.com", /kind email/],
    ["no names", "/O=Example", undefined, /has no DNS name and no IP address$/],
    [
      "a label for its only name",
      "/CN=Our web server",
      undefined,
      /no DNS name and no IP address; its common name "Our web server" is neither/,
    ],
    [
      "a final dot after a name",
      "/CN=example.com",
      "DNS:www.example.com.",
      /"www\.example\.com\." must be "www\.example\.com"/,
    ],
    ["a blank in a name", "/CN=example.com", "DNS:www example.com", /is not a DNS name/],
  ])("with %s is refused", (_what, subject, san, reason) => {
    const pem = requestByOpenssl(["-newkey", "ed25519"], subject, san);
    expect(() => readCertificateRequest(pem)).toThrow(ConfigurationError);
    expect(() => readCertificateRequest(pem)).toThrow(reason);
  });

  it("signed with SHA-1 is refused", () => {
    const pem = requestByOpenssl(["-newkey", "rsa:2048", "-sha1"], "/CN=example.com");
    expect(() => readCertificateRequest(pem)).toThrow(/algorithm that CAs do not accept/);
  });

  it("that is something else is refused, and a private key in it is not shown", async () => {
    const key = await generatePrivateKey("P256");
    expect(() => readCertificateRequest(key)).toThrow(/holds a private key/);
    expect(() => readCertificateRequest(key)).not.toThrow(key.slice(40, 60));
    expect(() => readCertificateRequest("request.csr")).toThrow(/not one certificate request/);
    expect(() => readCertificateRequest("")).toThrow(/not one certificate request/);
  });

  it("changed in one bit is refused", async () => {
    const der = await createCertificateRequest({
      privateKeyPem: await generatePrivateKey("P256"),
      dnsNames: ["example.com"],
      ipAddresses: ["192.0.2.1"],
    });
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(7), (at, bit) => {
        const changed = Uint8Array.from(der);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(() => readCertificateRequest(encodePem("CERTIFICATE REQUEST", changed))).toThrow(
          ConfigurationError,
        );
      }),
      { numRuns: 500 },
    );
  });
});

function inspect(der: Uint8Array): string {
  return openssl(["req", "-inform", "DER", "-noout", "-text", "-verify"], der);
}

function requestByOpenssl(args: readonly string[], subject: string, san?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "acme-csr-"));
  try {
    const config = join(folder, "openssl.cnf");
    writeFileSync(config, "[req]\ndistinguished_name = dn\n[dn]\n");
    return openssl([
      ...["req", "-new", "-nodes", "-config", config, "-keyout", join(folder, "key.pem")],
      ...args,
      ...["-subj", subject],
      ...(san === undefined ? [] : ["-addext", `subjectAltName=${san}`]),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
