/** What docs/security.md tells to do when somebody has read the state, with its commands. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, it } from "vitest";

import { getAccount } from "../../sdk/acme";
import type { AccountReference } from "../../sdk/issuance/arguments";
import { clientFor, credentialsFor } from "../../sdk/issuance/clients";
import { describeCertificate } from "../../sdk/x509/certificate";
import { startPebble, type Pebble } from "../support/ca/pebble";
import { createStack, type Stack } from "../support/engine/pulumi";
import { describeWithTools } from "../support/process/tools";

const run = promisify(execFile);

interface Outputs {
  readonly account: AccountReference;
  readonly fullchainPem: string;
  readonly privateKeyPem: string;
}

function program(ca: Pebble, triggers: readonly string[]): string {
  const { directoryUrl, caBundlePem } = ca;
  return `
    import * as pulumi from "@pulumi/pulumi";
    import * as acme from "pulumi-acme";
    const triggers = ${JSON.stringify(triggers)};
    const account = new acme.AcmeAccount("ca", {
      ...${JSON.stringify({ directoryUrl, caBundlePem, termsOfServiceAgreed: true })}, triggers,
    });
    const certificate = new acme.AcmeCertificate("site", {
      account, dnsNames: ["leak.example"], preflight: false, triggers,
      solvers: [{ http01: { stateless: true } }],
    });
    const { accountUrl, accountKeyPem } = account;
    exports.account = { ...${JSON.stringify({ directoryUrl, caBundlePem })}, accountUrl, accountKeyPem };
    exports.fullchainPem = certificate.fullchainPem;
    exports.privateKeyPem = certificate.privateKeyPem;
  `;
}

describeWithTools(["pulumi", "pebble", "certbot"], "after a state was read", () => {
  let pebble: Pebble;
  let stack: Stack;
  const outputs = async (): Promise<Outputs> => (await stack.outputs()) as unknown as Outputs;

  beforeAll(async () => {
    pebble = await startPebble({ alwaysValid: true });
    stack = await createStack(program(pebble, []));
    await stack.up();
  });
  afterAll(async () => {
    await stack.stop();
    await pebble.stop();
  });

  it("account and certificate get keys that were not in it, and the certificate of before is revoked by its key", async () => {
    const before = await outputs();
    const [certificate, key, roots] = ["old.pem", "old-key.pem", "ca.pem"].map((name) =>
      join(stack.directory, name),
    ) as [string, string, string];
    for (const [name, file] of [
      ["fullchainPem", certificate],
      ["privateKeyPem", key],
    ] as const) {
      const { stdout } = await stack.run(["stack", "output", name, "--show-secrets"]);
      await writeFile(file, stdout, { mode: 0o600 });
    }
    await stack.setProgram(program(pebble, ["2026-06-01"]));
    await stack.up({ skipPreview: true });
    const after = await outputs();
    expect(after.account.accountUrl).toBe(before.account.accountUrl);
    expect(after.privateKeyPem).not.toBe(before.privateKeyPem);
    const ask = async (account: AccountReference) =>
      getAccount(clientFor(account), await credentialsFor(account));
    await expect(ask(before.account)).rejects.toThrow();
    await expect(ask(after.account)).resolves.toMatchObject({ status: "valid" });

    await writeFile(roots, pebble.caBundlePem);
    const folders = ["config", "work", "logs"].flatMap((name) => [
      `--${name}-dir`,
      join(stack.directory, name),
    ]);
    await run(
      "certbot",
      [
        ...["revoke", "--non-interactive", "--server", pebble.directoryUrl],
        ...[
          "--cert-path",
          certificate,
          "--key-path",
          key,
          "--reason",
          "keycompromise",
          "--no-delete-after-revoke",
          ...folders,
        ],
      ],
      { env: { ...process.env, REQUESTS_CA_BUNDLE: roots } },
    );
    const status = async (pem: string) =>
      pebble.statusBySerial(describeCertificate(pem).serialNumber);
    expect(await status(before.fullchainPem)).toMatchObject({ Status: "Revoked", Reason: 1 });
    expect(await status(after.fullchainPem)).toMatchObject({ Status: "Valid" });
  });
});
