import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";

import type { DeploymentArguments } from "../../../../sdk/provider/deployment/arguments";
import { endpointsOf, servedOf } from "../../../../sdk/provider/deployment/endpoint";
import { createAuthority } from "../../../support/ca/certificate-authority";

let leaf: X509Certificate;
beforeAll(async () => {
  const { certificatePem } = await (await createAuthority()).issue(["*.mail.example"]);
  leaf = new X509Certificate(certificatePem);
});

/** `PROTOCOL://ADDRESS:PORT`, of each endpoint. */
function lookedAt(more: Partial<DeploymentArguments>): string[] {
  const args = { connection: { host: "mail.example" }, directory: "/d", paths: {}, ...more };
  return endpointsOf(args, leaf).map(
    ({ startTls = "tls", address, port }) => `${startTls}://${address}:${String(port)}`,
  );
}

describe("what is looked at", () => {
  it("is the service's port, with what precedes TLS there", () => {
    expect(lookedAt({ service: "nginx" })).toEqual(["tls://mail.example:443"]);
    expect(lookedAt({ service: "postfix", verify: "report" })).toEqual(["smtp://mail.example:25"]);
    expect(lookedAt({ service: "nginx", verify: false })).toEqual([]);
    expect(lookedAt({})).toEqual([]);
  });

  it("is the port of each of several services, or the one that is given", () => {
    const service = ["postfix", "dovecot"] as const;
    expect(lookedAt({ service })).toEqual(["smtp://mail.example:25", "tls://mail.example:993"]);
    expect(lookedAt({ service, verify: { address: "10.0.0.1" } })).toEqual([
      "smtp://10.0.0.1:25",
      "tls://10.0.0.1:993",
    ]);
    expect(lookedAt({ service, verify: { address: "10.0.0.1:993" } })).toEqual([
      "tls://10.0.0.1:993",
    ]);
  });

  it("begins with the service's protocol on other ports, too, but for those where TLS begins at once", () => {
    const at = (address: string, more = {}): string[] =>
      lookedAt({ service: "postfix", verify: { address, ...more } });
    expect(at("mail.example:587")).toEqual(["smtp://mail.example:587"]);
    expect(at("mail.example:465")).toEqual(["tls://mail.example:465"]);
    expect(at("mail.example:10465", { startTls: "none" })).toEqual(["tls://mail.example:10465"]);
    expect(at("mail.example:143", { startTls: "imap" })).toEqual(["imap://mail.example:143"]);
  });
});

it("the one certificate that is named of several ports is the one that should not be there", () => {
  expect(servedOf(["new", undefined, "old"], "new")).toBe("old");
  expect(servedOf([undefined, "new"], "new")).toBe("new");
  expect(servedOf([undefined], "new")).toBeUndefined();
});
