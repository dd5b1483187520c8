/** From an empty stack to HTTPS served by nginx, on the real engine: the product's main job. */
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
