/** A hundred certificates in one stack: what a run in which nothing is due costs, and what they take in the state. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createStack, type Stack } from "../support/engine/pulumi";
import { startSshd, type Sshd } from "../support/ssh/sshd";
import { startStrictServer, type StrictServer } from "../support/ca/strict-server";
import { temporaryDirectory } from "../support/process/temp";

const COUNT = 100;
let ca: StrictServer;
let sshd: Sshd;
let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let stack: Stack;

beforeAll(async () => {
  [ca, sshd, folder] = await Promise.all([
    startStrictServer({ readyAtOnce: true, finalizeAtOnce: true }),
    startSshd(),
    temporaryDirectory("hundred-"),
  ]);
  stack = await createStack(program());
  await stack.up({ skipPreview: true });
}, 240_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([ca.stop(), sshd.stop()]);
  await folder.remove();
});

function program(): string {
  const account = {
    directoryUrl: ca.directoryUrl,
    caBundlePem: ca.caBundlePem,
    termsOfServiceAgreed: true,
  };
  return `
    import * as acme from "pulumi-acme";
    const account = new acme.AcmeAccount("ca", ${JSON.stringify(account)});
    const certificates = Array.from({ length: ${String(COUNT)} }, (_, index) =>
      new acme.AcmeCertificate("c" + index, {
        account,
        dnsNames: ["www.n" + index + ".example", "n" + index + ".example"],
        solvers: [{ http01: { stateless: true } }],
        preflight: false,
      }));
    for (const [index, certificate] of certificates.slice(0, 5).entries()) {
      new acme.CertificateDeployment("d" + index, {
        certificate,
        connection: ${JSON.stringify(sshd.connection)},
        directory: ${JSON.stringify(folder.path)} + "/d" + index,
        verify: false,
      }, { dependsOn: certificates }); // all at the same time
    }
    export const first = certificates[0].privateKeyPem;
    export const accountKeyPem = account.accountKeyPem;
  `;
}

/** Logins that the host has seen; whoever waited for it to listen connected without one. */
function logins(): number {
  return sshd.log().match(/Accepted publickey/g)?.length ?? 0;
}

describe("a hundred certificates", () => {
  it("are issued with one directory, one account, and one connection to the host", () => {
    expect(ca.count("newOrder")).toBe(COUNT);
    expect(ca.count("newAccount")).toBe(1);
    expect(ca.count("directory")).toBe(1);
    expect(logins()).toBe(1);
    ca.assertNoDeviations();
  });

  it("need no request to the CA and none to a host in a run in which nothing is due", async () => {
    const before = { requests: ca.requests.length, logins: logins() };
    // Preview and update are two processes; both are counted.
    const result = await stack.up();
    expect(result.changes).toEqual({ same: COUNT + 7 });
    expect({ requests: ca.requests.length, logins: logins() }).toEqual(before);
  }, 120_000);

  it("take at most 0.75 MB in the state as the CLI prints it, without a secret in clear", async () => {
    const { text, resources } = await stack.exportState();
    const certificates = resources.filter(({ type }) => type.endsWith(":AcmeCertificate"));
    expect(certificates).toHaveLength(COUNT);
    expect(Buffer.byteLength(JSON.stringify(certificates, undefined, 4))).toBeLessThan(750_000);
    const outputs = await stack.outputs();
    for (const secret of [
      outputs["first"],
      outputs["accountKeyPem"],
      sshd.privateKeyPem,
    ] as string[]) {
      const line = secret.split("\n")[1] ?? "";
      expect(line.length).toBeGreaterThan(30);
      expect(text).not.toContain(line);
    }
  }, 60_000);
});
