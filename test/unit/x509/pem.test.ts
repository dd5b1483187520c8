/** Splitting chains: strict, because what passes lands in files. */
import { X509Certificate } from "node:crypto";

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { CertificateError, splitCertificates } from "../../../sdk/x509/pem";
import { generatePrivateKey } from "../../../sdk/x509/keys";
import { createIssuer, issueLeaf } from "../../support/x509/chain-fixture";

let leaf: string;
let root: string;
let privateKey: string;

beforeAll(async () => {
  const issuer = await createIssuer("Root");
  root = issuer.pem;
  ({ pem: leaf, privateKeyPem: privateKey } = await issueLeaf(issuer));
});

describe("a chain in PEM form", () => {
  it("is split in its order, each certificate with one newline at the end", () => {
    expect(splitCertificates(leaf + root)).toEqual([leaf, root]);
  });

  it("may have other line ends, line lengths and empty lines; what comes out is always the same", () => {
    const body = leaf.split("\n").slice(1, -2).join("");
    const wrapped = (lines: string): string =>
      `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----`;
    for (const form of [
      leaf.replace(/\n/g, "\r\n"),
      `\n\n${leaf}\n\n`,
      leaf.trimEnd(),
      wrapped(body),
      wrapped(body.replace(/(.{40})/g, "$1 \n")),
    ]) {
      expect(splitCertificates(`${form}\n${root}`)).toEqual([leaf, root]);
    }
  });

  it("is refused where it holds a private key, before, between or after", async () => {
    const key = await generatePrivateKey("P256");
    for (const text of [key + leaf, leaf + key + root, leaf + root + key]) {
      expect(() => splitCertificates(text)).toThrow(/holds a private key/);
      expect(() => splitCertificates(text)).toThrow(CertificateError);
    }
  });

  it.each([
    [
      "another block",
      () => `${leaf}-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n`,
      /another PEM block/,
    ],
    ["words before", () => `Bag Attributes\n${leaf}`, /something beside/],
    ["words between", () => `${leaf}# issuer\n${root}`, /something beside/],
    ["a NUL", () => `${leaf}\0`, /something beside/],
    ["a NUL within", () => leaf.replace(/M/, "\0"), /not base64/],
    ["nothing", () => "", /no certificate/],
    ["white space", () => " \n", /no certificate/],
    ["a cut", () => leaf.slice(0, -30), /cut off/],
    ["a label that ends otherwise", () => leaf.replace("END CERTIFICATE", "END CERT"), /damaged/],
    [
      "no ASN.1",
      () => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      /not a certificate/,
    ],
    [
      "an empty body",
      () => "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      /not a certificate/,
    ],
    [
      "a private key under a certificate's label",
      () => privateKey.replace(/PRIVATE KEY/g, "CERTIFICATE"),
      /not a certificate/,
    ],
    ["a million characters", () => leaf + " ".repeat(1_000_000), /too long/],
  ])("is refused with %s", (_what, text, reason) => {
    expect(() => splitCertificates(text())).toThrow(reason);
  });

  it("is refused where octets follow a certificate within its block", () => {
    const body = leaf.split("\n").slice(1, -2).join("");
    const der = Buffer.concat([Buffer.from(body, "base64"), Buffer.from("trailing")]);
    const pem = `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
    expect(() => splitCertificates(pem)).toThrow(/certificate 1 .* not a certificate/);
  });

  it("is split or refused, never half read, whatever happens to its text", () => {
    const text = leaf + root;
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.nat(text.length),
            removed: fc.nat(80),
            added: fc.oneof(
              fc.string({ maxLength: 10 }),
              fc.constantFrom(
                "-----BEGIN ",
                "-----END CERTIFICATE-----",
                "PRIVATE KEY-----\n",
                "\0",
                "-",
              ),
            ),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        (mutations) => {
          const mutated = mutations.reduce(
            (pem, { at, removed, added }) => pem.slice(0, at) + added + pem.slice(at + removed),
            text,
          );
          let certificates: string[];
          try {
            certificates = splitCertificates(mutated);
          } catch (error) {
            expect(error).toBeInstanceOf(CertificateError);
            return;
          }
          // Nothing that was in the text is missing from the result, and nothing was made up.
          expect(certificates.join("").replace(/\s/g, "")).toBe(mutated.replace(/\s/g, ""));
          for (const pem of certificates) expect(() => new X509Certificate(pem)).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });
});
