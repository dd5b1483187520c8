import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import {
  mockEngine,
  registrationOf,
  clear,
  secretValue,
  valueOf,
} from "../../support/engine/registrations";

const accountOutputs = {
  accountUrl: "https://ca.test/account/1",
  accountKeyPem: "KEY",
  thumbprint: "THUMB",
  caaIdentities: ["ca.test"],
};

const picked = {
  directoryUrl: "https://ca.test/dir",
  accountUrl: "https://ca.test/account/1",
  accountKeyPem: "KEY",
};

describe("a reference to an account", () => {
  it("may be the resource: its fields arrive, not its id, and no others", async () => {
    const registered = await mockEngine(() => accountOutputs);
    const account = new acme.AcmeAccount("a", { directoryUrl: "https://ca.test/dir" });

    const certificate = new acme.AcmeCertificate("c", { account, dnsNames: ["example.com"] });

    const { inputs } = await registrationOf(registered, certificate, "c");
    expect(clear(inputs["account"])).toEqual(picked);
    expect(secretValue(inputs["account"])).toBeDefined();
  });

  it("may be an Output of the resource", async () => {
    const registered = await mockEngine(() => accountOutputs);
    const account = new acme.AcmeAccount("a", { directoryUrl: "https://ca.test/dir" });

    const certificate = new acme.AcmeCertificate("c", {
      account: pulumi.output(account),
      dnsNames: ["example.com"],
    });

    const { inputs } = await registrationOf(registered, certificate, "c");
    expect(clear(inputs["account"])).toEqual(picked);
  });

  it("may be the output of another stack, with more in it than is needed", async () => {
    const registered = await mockEngine();
    const account = pulumi.output({
      ...picked,
      caBundlePem: "ROOT",
      status: "valid",
      profiles: {},
    });

    const certificate = new acme.AcmeCertificate("c", { account, dnsNames: ["example.com"] });

    const { inputs } = await registrationOf(registered, certificate, "c");
    expect(clear(inputs["account"])).toEqual({ ...picked, caBundlePem: "ROOT" });
  });

  it("may stand in a list, as a resource and as an object", async () => {
    const registered = await mockEngine(() => accountOutputs);
    const account = new acme.AcmeAccount("a", { directoryUrl: "https://ca.test/dir" });

    const certificate = new acme.AcmeCertificate("c", {
      account,
      fallbackAccounts: [account, { ...picked, accountUrl: "https://ca.test/account/2" }],
      dnsNames: ["example.com"],
    });

    const { inputs } = await registrationOf(registered, certificate, "c");
    expect(clear(inputs["fallbackAccounts"])).toEqual([
      picked,
      { ...picked, accountUrl: "https://ca.test/account/2" },
    ]);
  });

  it("may be a list inside an Output", async () => {
    const registered = await mockEngine(() => accountOutputs);
    const account = new acme.AcmeAccount("a", { directoryUrl: "https://ca.test/dir" });

    const certificate = new acme.AcmeCertificate("c", {
      account,
      fallbackAccounts: pulumi.output([picked]),
      dnsNames: ["example.com"],
    });

    const { inputs } = await registrationOf(registered, certificate, "c");
    expect(inputs["fallbackAccounts"]).toEqual([picked]);
  });

  it("that is no object goes on as it is, for check to refuse", async () => {
    const registered = await mockEngine();
    const wrong = {
      account: "letsencrypt",
      dnsNames: ["example.com"],
    } as unknown as acme.AcmeCertificateArgs;

    const certificate = new acme.AcmeCertificate("c", wrong);

    const { inputs } = await registrationOf(registered, certificate, "c");
    expect(inputs["account"]).toBe("letsencrypt");
  });
});

describe("a reference in a preview", () => {
  it("keeps what is known beside what is not", async () => {
    const seen: Record<string, unknown>[] = [];
    await pulumi.runtime.setMocks(
      {
        call: () => ({}),
        newResource: ({ inputs, type }) => {
          if (type.endsWith("AcmeCertificate")) seen.push(inputs as Record<string, unknown>);
          return {
            id: undefined,
            state: { directoryUrl: (inputs as Record<string, unknown>)["directoryUrl"] },
          };
        },
      },
      "project",
      "stack",
      true,
    );
    const account = new acme.AcmeAccount("a", { directoryUrl: "https://ca.test/dir" });

    const certificate = new acme.AcmeCertificate("c", { account, dnsNames: ["example.com"] });

    await valueOf(certificate.urn);
    expect(seen[0]?.["account"]).toMatchObject({ directoryUrl: "https://ca.test/dir" });
  });
});

describe("a reference to a certificate", () => {
  it("may be the resource: the chain and the key arrive, from which the rest can be read", async () => {
    const texts = { fullchainPem: "FULL", privateKeyPem: "KEY" };
    const registered = await mockEngine(() => ({ ...texts, serialNumber: "01" }));
    const certificate = new acme.AcmeCertificate("c", {
      account: picked,
      dnsNames: ["example.com"],
    });

    const deployment = new acme.CertificateDeployment("d", { certificate, connection: "local" });

    const { inputs } = await registrationOf(registered, deployment, "d");
    expect(clear(inputs["certificate"])).toEqual(texts);
    expect(inputs["connection"]).toBe("local");
  });
});
