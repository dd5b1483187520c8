/** From an empty stack to HTTPS served by nginx, on the real engine: the product's main job. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { httpsProgram } from "../support/engine/https-program";
import { createStack, type Stack } from "../support/engine/pulumi";
import { startWebHost, type WebHost } from "../support/ssh/web-host";

let host: WebHost;
let stack: Stack;

beforeAll(async () => {
  host = await startWebHost();
  stack = await createStack(httpsProgram(host, ["www.one.example", "one.example"]));
}, 120_000);

afterAll(async () => {
  await stack.stop();
  await host.stop();
});

describe("one pulumi up", () => {
  it("registers, proves, issues, deploys, and nginx serves the certificate in a handshake", async () => {
    const result = await stack.up();
    expect(result.changes).toMatchObject({ create: 6 });
    const { fingerprint } = await stack.outputs();
    await expect.poll(() => host.servedFingerprint("www.one.example")).toBe(fingerprint);
    await expect.poll(() => host.servedFingerprint("one.example")).toBe(fingerprint);
  }, 120_000);

  it("a second one changes nothing and sends nothing, neither to the CA nor to the host", async () => {
    const before = host.pebble.requests().length;
    const result = await stack.up();
    expect(result.changes).toEqual({ same: 6 });
    expect(host.pebble.requests().length).toBe(before);
  }, 120_000);

  it("leaves no secret in clear in the state", async () => {
    const outputs = await stack.outputs();
    const { text } = await stack.exportState();
    const secrets = [
      outputs["privateKeyPem"],
      outputs["accountKeyPem"],
      host.sshd.privateKeyPem,
    ] as string[];
    for (const secret of secrets) {
      // The body of a PEM, as it stands in JSON or anywhere else.
      const line = secret.split("\n")[1] ?? "";
      expect(line.length).toBeGreaterThan(30);
      expect(text).not.toContain(line);
    }
    expect(text).not.toContain("PRIVATE KEY");
  }, 60_000);
});

describe("pulumi-acme status", () => {
  const cli = join(__dirname, "../../dist/cli/index.js");

  interface Status {
    readonly worst: string;
    readonly certificates: readonly {
      readonly name: string;
      readonly daysLeft: number;
      readonly deployments: readonly { readonly current: boolean }[];
    }[];
  }

  it("tells of the current stack's certificate, and whether the host has it", async () => {
    const { stdout, stderr } = await stack.runNode([cli, "status", "--json"]);
    const { worst, certificates } = JSON.parse(stdout) as Status;
    expect(stderr).toBe("");
    expect(worst).toBe("ok");
    expect(certificates).toEqual([
      expect.objectContaining({ name: "one", dnsNames: ["one.example", "www.one.example"] }),
    ]);
    expect(certificates[0]?.deployments).toEqual([expect.objectContaining({ current: true })]);
    expect(certificates[0]?.daysLeft).toBeGreaterThan(80);
  }, 60_000);

  it("is a table, and ends with the code of the most urgent certificate", async () => {
    const { stdout } = await stack.runNode([cli, "status"]);
    expect(stdout).toMatch(/^STATE .*\nok +one +one\.example, www\.one\.example /);
    const critical = await stack.runNode([cli, "status", "--critical", "300d"], {
      expectFailure: true,
    });
    expect(critical.code).toBe(2);
  }, 60_000);

  it("cannot tell of a stack that does not exist, and says what Pulumi said", async () => {
    const { code, stderr } = await stack.runNode([cli, "status", "--stack", "other"], {
      expectFailure: true,
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/pulumi stack export --stack other: .*no stack named 'other' found/s);
  }, 60_000);

  it("prints a schedule for the current stack", async () => {
    const { stdout } = await stack.runNode([cli, "schedule", "cron"]);
    expect(stdout).toContain(
      "pulumi up --refresh --yes --skip-preview --non-interactive --stack dev",
    );
  }, 60_000);

  it("asks the services themselves where it shall, without a login", async () => {
    const address = `127.0.0.1:${String(host.nginx.httpsPort)}`;
    const verify = { address, serverName: "www.one.example" };
    const { text } = await stack.exportState();
    // The program has no `verify`, because its site comes after its files.
    const asked = text.replace('"service": "nginx"', `$&, "verify": ${JSON.stringify(verify)}`);
    await writeFile(join(stack.directory, "export.json"), asked);
    const args = [cli, "status", "--file", "export.json", "--check", "--json"];
    const { fingerprint } = await stack.outputs();
    const served = await stack.runNode(args);
    expect(JSON.parse(served.stdout)).toMatchObject({
      worst: "ok",
      certificates: [{ deployments: [{ served: { address, fingerprintSha256: fingerprint } }] }],
    });
    await host.nginx.stop();
    const { code, stdout } = await stack.runNode(args, { expectFailure: true });
    expect(code).toBe(1);
    expect(stdout).toContain(`${address}: connect ECONNREFUSED`);
  }, 60_000);
});
