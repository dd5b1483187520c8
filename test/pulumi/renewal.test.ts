/** The time has come: plain `pulumi up` renews and deploys, and no handshake fails meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { httpsProgram } from "../support/engine/https-program";
import { createStack, type Stack } from "../support/engine/pulumi";
import { startWebHost, type WebHost } from "../support/ssh/web-host";

const NAME = "renewed.example";
let host: WebHost;
let stack: Stack;

beforeAll(async () => {
  host = await startWebHost({
    profiles: { default: { description: "renewed by half of its life", validityPeriod: 40 } },
  });
  stack = await createStack(httpsProgram(host, [NAME], { useRenewalInfo: false }));
  await stack.up();
}, 120_000);

afterAll(async () => {
  await stack.stop();
  await host.stop();
});

/** Handshakes, one after another, until told to stop: which certificates were served, and how many times none was. */
function watchHandshakes(): {
  stop(): Promise<{ served: Set<string>; failures: number; count: number }>;
} {
  const watch = { on: true };
  const served = new Set<string>();
  let failures = 0;
  let count = 0;
  const watched = (async () => {
    while (watch.on) {
      const fingerprint = await host.servedFingerprint(NAME);
      count++;
      if (fingerprint === undefined) failures++;
      else served.add(fingerprint);
      await sleep(20);
    }
  })();
  return {
    stop: async () => {
      watch.on = false;
      await watched;
      return { served, failures, count };
    },
  };
}

describe("a certificate whose time has come", () => {
  it("is renewed, deployed and served by plain `pulumi up`, while every handshake succeeds", async () => {
    const old = await stack.outputs();
    await sleep(Math.max(0, Date.parse(old["renewAt"] as string) - Date.now()) + 1000);
    const handshakes = watchHandshakes();
    const result = await stack.up();
    const { served, failures, count } = await handshakes.stop();

    const renewed = await stack.outputs();
    expect(renewed["fingerprint"]).not.toBe(old["fingerprint"]);
    await expect.poll(() => host.servedFingerprint(NAME)).toBe(renewed["fingerprint"]);
    expect(served).toEqual(new Set([old["fingerprint"], renewed["fingerprint"]]));
    expect(count).toBeGreaterThan(10);
    expect(failures).toBe(0);
    // The sites name paths, and paths stay: only the certificate and its deployment are updated.
    expect(result.changes).toEqual({ same: 4, update: 2 });
    const reasons = result.diagnostics.map(({ message }) => message.trim());
    expect(reasons).toContainEqual(expect.stringMatching(/^renews: \d+ seconds left$/));
  }, 120_000);
});
