/** The example of other places, with the SDKs of their packages and a mock of the engine: their services cannot be had here. */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";

import {
  clear,
  mockEngine,
  type Registered,
  secretValue,
  valueOf,
} from "../support/engine/registrations";
import { createIssuer, issueLeaf } from "../support/x509/chain-fixture";

let certificate: { readonly fullchainPem: string; readonly privateKeyPem: string };
let leafPem: string;
let issuerPem: string;
let registered: Registered[];

const inputsOf = (type: string): Registered["inputs"] => {
  const found = registered.find((each) => each.type === type);
  if (found === undefined) throw new Error(`no ${type} was registered`);
  return found.inputs;
};

beforeAll(async () => {
  pulumi.runtime.setAllConfig({
    "project:name": "app.example.com",
    "project:cloudflareToken": "T",
  });
  const issuer = await createIssuer("issuer");
  const leaf = await issueLeaf(issuer);
  [leafPem, issuerPem] = [leaf.pem, issuer.pem];
  certificate = { fullchainPem: leafPem + issuerPem, privateKeyPem: leaf.privateKeyPem };
  registered = await mockEngine(({ type }) =>
    type.endsWith(":AcmeCertificate") ? certificate : {},
  );
  const { places } = (await import("../../examples/other-places/index.js")) as {
    places: readonly pulumi.Output<unknown>[];
  };
  await Promise.all(places.map((place) => valueOf(place)));
});

describe("the example of other places", () => {
  it("fills a Kubernetes Secret for TLS", () => {
    const { type, stringData } = inputsOf("kubernetes:core/v1:Secret");
    expect(type).toBe("kubernetes.io/tls");
    expect(clear(stringData)).toEqual({
      "tls.crt": certificate.fullchainPem,
      "tls.key": certificate.privateKeyPem,
    });
  });

  it("imports leaf, chain and key into ACM", () => {
    const { certificateBody, certificateChain, privateKey } = inputsOf(
      "aws:acm/certificate:Certificate",
    );
    expect([certificateBody, certificateChain]).toEqual([leafPem, issuerPem]);
    expect(secretValue(privateKey)).toBe(certificate.privateKeyPem);
  });

  it("writes both into Vault", () => {
    const { dataJson } = inputsOf("vault:kv/secretV2:SecretV2");
    expect(JSON.parse(String(secretValue(dataJson)))).toEqual({
      certificate: certificate.fullchainPem,
      key: certificate.privateKeyPem,
    });
  });

  it("makes a secret of Docker Swarm of both", () => {
    const { data } = inputsOf("docker:index/secret:Secret");
    const text = Buffer.from(String(secretValue(data)), "base64").toString();
    expect(text).toBe(certificate.fullchainPem + certificate.privateKeyPem);
  });
});
