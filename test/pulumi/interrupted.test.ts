/** Runs that are killed or interrupted on the real engine: what the next `up` needs at the CA. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createStack, type Running, type Stack } from "../support/engine/pulumi";
import { problem, startStrictServer, type StrictServer } from "../support/ca/strict-server";
import { temporaryDirectory } from "../support/process/temp";

let ca: StrictServer;
let stack: Stack;
let webroot: Awaited<ReturnType<typeof temporaryDirectory>>;
/** What the CA does with a challenge; a test holds it back here. */
let validate: () => Promise<undefined>;

beforeEach(async () => {
  validate = () => Promise.resolve(undefined);
  ca = await startStrictServer({ validate: () => validate() });
  webroot = await temporaryDirectory("webroot-");
  stack = await createStack(program());
});

afterEach(async () => {
  await stack.stop();
  await ca.stop();
  await webroot.remove();
});

function program(): string {
  const settings = {
    account: {
      directoryUrl: ca.directoryUrl,
      caBundlePem: ca.caBundlePem,
      termsOfServiceAgreed: true,
    },
    certificate: {
      dnsNames: ["killed.example"],
      solvers: [{ http01: { webroot: { path: webroot.path } } }],
      preflight: false,
    },
  };
  return `
    import * as acme from "pulumi-acme";
    const settings = ${JSON.stringify(settings)};
    const account = new acme.AcmeAccount("ca", settings.account);
    const certificate = new acme.AcmeCertificate("killed", { ...settings.certificate, account });
    export const fingerprint = certificate.fingerprintSha256;
  `;
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (holds()) return;
    await sleep(50);
  }
  throw new Error(`${what} did not happen within 30 s`);
}

/** Holds the CA at the validation until `release` is called. */
function holdValidation(): () => void {
  let release = (): void => undefined;
  const held = new Promise<undefined>((resolve) => {
    release = () => {
      resolve(undefined);
    };
  });
  validate = () => held;
  return release;
}

async function upUntilChallenged(): Promise<Running> {
  const running = stack.startUp({ skipPreview: true, expectFailure: true });
  await eventually("a challenge", () => ca.count("challenge") > 0);
  return running;
}

/** The challenges that lie in the webroot. */
function presented(): Promise<string[]> {
  return readdir(join(webroot.path, ".well-known", "acme-challenge")).catch(() => []);
}

describe("a run that is killed outright (SIGKILL)", () => {
  it("costs one order more and harms nothing", async () => {
    const release = holdValidation();
    const running = await upUntilChallenged();
    running.kill();
    await running.finished;
    release();
    validate = () => Promise.resolve(undefined);

    await stack.cancel();
    await stack.up({ skipPreview: true });
    expect(ca.count("newOrder")).toBe(2);
    // The account was saved before the certificate began.
    expect(ca.count("newAccount")).toBe(1);
    expect((await stack.outputs())["fingerprint"]).toMatch(/^[0-9a-f]{64}$/);
    ca.assertNoDeviations();
  }, 120_000);
});

describe("one Ctrl-C in the middle of an order", () => {
  it("lets the running operation finish, and its result is saved", async () => {
    const release = holdValidation();
    const running = await upUntilChallenged();
    running.interrupt();
    await sleep(500);
    release();
    await running.finished;
    await stack.up({ skipPreview: true });
    expect(ca.count("newOrder")).toBe(1);
    expect((await stack.outputs())["fingerprint"]).toMatch(/^[0-9a-f]{64}$/);
  }, 120_000);
});

describe("a second Ctrl-C", () => {
  it("undoes the challenge before the process ends; the next run costs one order more at most", async () => {
    const release = holdValidation();
    const running = await upUntilChallenged();
    expect(await presented()).toHaveLength(1);
    running.interrupt();
    await sleep(1000);
    running.interrupt();
    const { code } = await running.finished;
    expect(code).not.toBe(0);
    expect(await presented()).toEqual([]);
    release();
    validate = () => Promise.resolve(undefined);

    await stack.run(["cancel", "--yes"]).catch(() => undefined);
    await stack.up({ skipPreview: true });
    expect(ca.count("newOrder")).toBeLessThanOrEqual(2);
  }, 120_000);
});

describe("a CA that goes away in the middle", () => {
  it.each(["finalize", "certificate"] as const)(
    "at %s: the next `up` finishes the same order",
    async (endpoint) => {
      ca.instead(endpoint, 1, () =>
        problem(403, { type: "unauthorized", detail: "closed for today" }),
      );
      const failed = await stack.up({ skipPreview: true, expectFailure: true });
      expect(failed.stdout + failed.stderr).toContain("closed for today");
      const repaired = await stack.up();
      expect(repaired.changes).toMatchObject({ update: 1 });
      expect(ca.count("newOrder")).toBe(1);
      const { text } = await stack.exportState();
      expect(text).not.toContain("PRIVATE KEY");
      ca.assertNoDeviations();
    },
    120_000,
  );
});
