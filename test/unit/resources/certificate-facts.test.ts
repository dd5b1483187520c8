import { describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import { describeCertificate } from "../../../sdk/x509/certificate";
import { createIssuer, issueLeaf } from "../../support/x509/chain-fixture";
import { mockEngine, valueOf } from "../../support/engine/registrations";

const account = { directoryUrl: "u", accountUrl: "u", accountKeyPem: "k" };

function certificateWith(outputs: Record<string, unknown>): Promise<acme.AcmeCertificate> {
  return mockEngine(() => outputs).then(
    () => new acme.AcmeCertificate("c", { account, dnsNames: ["example.com"] }),
  );
}

const factsOf = async (certificate: acme.AcmeCertificate): Promise<Record<string, unknown>> => ({
  certificatePem: await valueOf(certificate.certificatePem),
  issuerPem: await valueOf(certificate.issuerPem),
  serialNumber: await valueOf(certificate.serialNumber),
  fingerprintSha256: await valueOf(certificate.fingerprintSha256),
  publicKeySha256: await valueOf(certificate.publicKeySha256),
  issuerCommonName: await valueOf(certificate.issuerCommonName),
});

describe("outputs that are read in the full chain", () => {
  it.each(["An issuer, with a comma", "Zwischenstelle + Müller"])(
    "say what the provider reads there: issuer %s",
    async (name) => {
      const root = await createIssuer("root");
      const issuer = await createIssuer(name.replace(/([,+])/g, "\\$1"), root);
      const leaf = await issueLeaf(issuer, {
        dnsNames: ["example.com"],
        serialNumber: "00ff00ab",
      });
      const { serialNumber, fingerprintSha256, publicKeySha256, issuerCommonName } =
        describeCertificate(leaf.pem);
      const certificate = await certificateWith({ fullchainPem: leaf.pem + issuer.pem });

      expect(await factsOf(certificate)).toEqual({
        certificatePem: leaf.pem,
        issuerPem: issuer.pem,
        serialNumber,
        fingerprintSha256,
        publicKeySha256,
        issuerCommonName,
      });
      expect(issuerCommonName).toBe(name);
    },
  );

  it("are undefined with mocks that answer no certificate", async () => {
    for (const outputs of [{}, { fullchainPem: "CHAIN" }]) {
      const facts = await factsOf(await certificateWith(outputs));
      expect(Object.values(facts)).toEqual(Array.from({ length: 6 }));
    }
  });
});
