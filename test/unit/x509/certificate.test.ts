/** What a certificate says, with the traps of the two libraries below. */
import { X509Certificate } from "node:crypto";

import { beforeAll, describe, expect, it } from "vitest";

import { CertificateError } from "../../../sdk/x509/pem";
import { encodePem } from "../../../sdk/util/pem";
import { describeCertificate } from "../../../sdk/x509/certificate";
import { createIssuer, DAY, issueLeaf, type Issuer, NOW } from "../../support/x509/chain-fixture";
import { openssl } from "../../support/x509/openssl";

let issuer: Issuer;

beforeAll(async () => {
  issuer = await createIssuer("Example CA 1");
});

describe("the facts about a certificate", () => {
  it("are those of the first in a chain", async () => {
    const leaf = await issueLeaf(issuer, {
      dnsNames: ["www.example.com", "Example.com"],
      ipAddresses: ["2001:db8:0:0:1::", "192.0.2.1"],
      commonName: "www.example.com",
    });
    const facts = describeCertificate(leaf.pem + issuer.pem);
    expect(facts).toMatchObject({
      dnsNames: ["example.com", "www.example.com"],
      ipAddresses: ["192.0.2.1", "2001:db8:0:0:1::"],
      publicKeySha256: leaf.publicKeySha256,
      notBefore: new Date(NOW - DAY),
      notAfter: new Date(NOW + 89 * DAY),
      issuerCommonName: "Example CA 1",
      subjectCommonName: "www.example.com",
    });
    const certificate = new X509Certificate(leaf.pem);
    expect(facts.fingerprintSha256).toBe(
      certificate.fingerprint256.replace(/:/g, "").toLowerCase(),
    );
    expect(facts.serialNumber).toBe(certificate.serialNumber.toLowerCase());
    const text = openssl(["x509", "-noout", "-ext", "authorityKeyIdentifier"], leaf.pem);
    expect(Buffer.from(facts.authorityKeyIdentifier ?? []).toString("hex")).toBe(
      /[0-9A-F:]{59}/.exec(text)?.[0].replace(/:/g, "").toLowerCase(),
    );
  });

  it.each([
    ["80c0ffee", "0080c0ffee"],
    ["ffffffffffffffffffffffffffffffffffff", "00ffffffffffffffffffffffffffffffffffff"],
    ["7fc0ffee", "7fc0ffee"],
    ["01", "01"],
    ["0a0b", "0a0b"],
  ])("include the serial number %s as the octets %s that it has in DER", async (hex, der) => {
    const facts = describeCertificate((await issueLeaf(issuer, { serialNumber: hex })).pem);
    expect(facts.serialNumber).toBe(hex);
    expect(Buffer.from(facts.serialNumberDer).toString("hex")).toBe(der);
  });

  it("leave out what a certificate does not have", async () => {
    const leaf = await issueLeaf(issuer, { withoutAuthorityKey: true });
    const facts = describeCertificate(leaf.pem);
    expect(facts.authorityKeyIdentifier).toBeUndefined();
    expect(facts.subjectCommonName).toBeUndefined();
  });

  it("of no certificate are an error", () => {
    expect(() => describeCertificate("no PEM")).toThrow(CertificateError);
  });
});

it.each(["no date at all", "269931120000Z", "\0\0\0\0\0\0\0\0\0\0\0\0Z"])(
  "A certificate whose dates cannot be read is refused (%j)",
  async (date) => {
    const { pem } = await issueLeaf(issuer);
    const der = Buffer.from(new X509Certificate(pem).raw);
    // notBefore, as chain-fixture writes it.
    const at = der.indexOf("260531120000Z");
    expect(at).toBeGreaterThan(0);
    der.write(date.padEnd(13, "Z").slice(0, 13), at, "latin1");
    const damaged = encodePem("CERTIFICATE", der);
    expect(() => describeCertificate(damaged)).toThrow(CertificateError);
  },
);
