/** `AcmeAccount` on the real engine: changed in place, rolled over, lost and found, killed in the middle, destroyed. */
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { deactivateAccount, getAccount } from "../../sdk/acme";
import type { AccountReference } from "../../sdk/issuance/arguments";
import { credentialsFor, clientFor } from "../../sdk/issuance/clients";
import { generatePrivateKey } from "../../sdk/x509/keys";
import { startPebble, type Pebble } from "../support/ca/pebble";
import { createStack, type PulumiResult, type Stack } from "../support/engine/pulumi";
import { deeds, EACH, errorOf } from "../support/engine/pulumi-outcome";
import { startStrictServer, type StrictServer } from "../support/ca/strict-server";

/** An account as a stack exports it, secrets in clear. */
type Exported = AccountReference & {
  readonly thumbprint: string;
  readonly status: string;
  readonly contact: readonly string[];
  readonly keyType: string;
};

interface Settings {
  /** More arguments of the account `ca`. */
  readonly account?: Readonly<Record<string, unknown>>;
  readonly dnsNames?: readonly string[];
}

/** The account `ca`, and a certificate of it. The CA validates nothing: this is about accounts. */
function program(
  ca: { directoryUrl: string; caBundlePem: string },
  { account, dnsNames = ["account.example"] }: Settings = {},
): string {
  const { directoryUrl, caBundlePem } = ca;
  return `
    import * as acme from "pulumi-acme";
    const ca = ${JSON.stringify({ directoryUrl, caBundlePem, termsOfServiceAgreed: true })};
    const account = new acme.AcmeAccount("ca", { ...ca, ...${JSON.stringify(account ?? {})} });
    const certificate = new acme.AcmeCertificate("site", {
      account, dnsNames: ${JSON.stringify(dnsNames)}, preflight: false,
      solvers: [{ http01: { stateless: true } }],
    });
    exports.account = {
      directoryUrl: account.directoryUrl, accountUrl: account.accountUrl,
      accountKeyPem: account.accountKeyPem, caBundlePem: account.caBundlePem,
      thumbprint: account.thumbprint, status: account.status, contact: account.contact, keyType: account.keyType,
    };
    exports.whole = account;
    exports.fingerprint = certificate.fingerprintSha256;
    exports.issuedBy = certificate.issuedBy;
  `;
}

async function accountOf(stack: Stack): Promise<Exported> {
  return (await stack.outputs())["account"] as Exported;
}

/** What the CA says of an account, asked with the key that the stack has for it. */
async function atTheCa(account: AccountReference) {
  return getAccount(clientFor(account), await credentialsFor(account));
}

function words(result: PulumiResult, severity?: string): string[] {
  return result.diagnostics
    .filter((one) => !one.ephemeral && (severity === undefined || one.severity === severity))
    .map(({ message }) => message);
}

/** Where a secret stands, without it. */
function surroundings(text: string, secret: string): string {
  const at = text.indexOf(secret);
  return at < 0 ? "" : text.slice(Math.max(0, at - 200), at);
}

/** No secret in clear, neither as it is nor as it stands in JSON. The body of a PEM is the same in both. */
function expectNoneOf(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    const pieces = secret.startsWith("-----") ? secret.split("\n").slice(1, -2) : [secret];
    expect(pieces.length).toBeGreaterThan(0);
    for (const piece of pieces) {
      expect(piece.length).toBeGreaterThan(8);
      expect(text.includes(piece), `the text around ${surroundings(text, piece)}`).toBe(false);
    }
  }
  expect(text).not.toContain("PRIVATE KEY");
}

describe("an account at a CA", () => {
  let pebble: Pebble;
  let stack: Stack;
  /** Every key that the account ever had. */
  const keys = new Set<string>();

  beforeAll(async () => {
    pebble = await startPebble({ alwaysValid: true });
    stack = await createStack(program(pebble, { account: { contact: ["a@example.com"] } }));
    await stack.up();
    keys.add((await accountOf(stack)).accountKeyPem);
  });
  afterAll(async () => {
    await stack.stop();
    await pebble.stop();
  });

  /** Requests from now on, by path. */
  function counting(): (part: string) => number {
    const before = pebble.requests().length;
    return (part) =>
      pebble
        .requests()
        .slice(before)
        .filter(({ path }) => path.includes(part)).length;
  }

  it("gets other contacts in place; the preview asks nobody, and the certificate stays as it is", async () => {
    const before = await accountOf(stack);
    const requests = counting();
    await stack.setProgram(program(pebble, { account: { contact: ["b@example.com"] } }));
    const preview = await stack.preview();
    expect(deeds(preview)).toEqual({ ca: "update", site: "same" });
    expect(words(preview)).toContain("updates its contacts");
    expect(requests("/")).toBe(0);
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ ca: "update", site: "same" });
    const after = await accountOf(stack);
    expect(after).toEqual({ ...before, contact: ["mailto:b@example.com"] });
    await expect(atTheCa(after)).resolves.toMatchObject({ contact: ["mailto:b@example.com"] });
    expect(requests("order")).toBe(0);
  });

  it.each([
    ["another key type", { keyType: "P384" }],
    ["a key that the user brings", { accountKeyPem: "generated below" }],
    ["a key of ours again", {}],
  ])("%s is a rollover: same URL, and no certificate is issued", async (what, given) => {
    const mine = await generatePrivateKey("P256");
    const wanted = "accountKeyPem" in given ? { accountKeyPem: mine } : given;
    const before = await accountOf(stack);
    const { fingerprint } = await stack.outputs();
    const requests = counting();
    await stack.setProgram(program(pebble, { account: { contact: ["b@example.com"], ...wanted } }));
    const preview = await stack.preview({ args: ["--diff"] });
    expectNoneOf(preview.stdout + preview.stderr, [before.accountKeyPem, mine]);
    // The key to come is not known in a preview: that must not show as a change of every certificate.
    expect(deeds(preview)).toEqual({ ca: "update", site: "same" });
    expect(words(preview)).toContainEqual(expect.stringMatching(/^rolls its key over to /));
    const up = await stack.up({ skipPreview: true });
    // The certificate takes the new key over, for the next time.
    expect(deeds(up)).toEqual({ ca: "update", site: "update" });
    const after = await accountOf(stack);
    keys.add(after.accountKeyPem);
    expect(after.accountUrl).toBe(before.accountUrl);
    expect(after.thumbprint).not.toBe(before.thumbprint);
    expect(after.keyType).toBe("keyType" in given ? "P384" : "P256");
    if (what.includes("brings")) expect(after.accountKeyPem).toBe(mine);
    await expect(atTheCa(after)).resolves.toMatchObject({ status: "valid" });
    await expect(atTheCa(before)).rejects.toThrow(/acme: account https:/);
    expect((await stack.outputs())["fingerprint"]).toBe(fingerprint);
    expect(requests("order")).toBe(0);
  });

  it("has been holding no key in clear all the time, in whatever form", async () => {
    expect(keys.size).toBe(4);
    const { text, resources } = await stack.exportState();
    expectNoneOf(text, [...keys]);
    // The key that the next rollover will use is a secret, too.
    const account = resources.find(({ type }) => type.endsWith(":AcmeAccount"));
    expect(JSON.stringify(account?.outputs?.["__state"])).toContain("ciphertext");
  });

  it("is kept as it is while the CA is down: refresh warns, and an up without a change does not notice", async () => {
    const before = await stack.exportState({ showSecrets: true });
    const account = await accountOf(stack);
    await pebble.pause();
    const refresh = await stack.refresh();
    expect(words(refresh, "warning")).toContainEqual(
      expect.stringMatching(/^the account was not refreshed: .* refuses the connection/),
    );
    expect(await accountOf(stack)).toEqual(account);
    const outputs = ({ resources }: typeof before) =>
      Object.fromEntries(resources.map((one) => [one.urn, one.outputs]));
    expect(outputs(await stack.exportState({ showSecrets: true }))).toEqual(outputs(before));
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ ca: "same", site: "same" });
    await pebble.restart();
  });

  it("that the CA has lost fails a certificate that meets it, which names `pulumi up --refresh`; that heals both", async () => {
    // Pebble was restarted: it knows nothing any more.
    const before = await accountOf(stack);
    const dnsNames = ["account.example", "more.example"];
    const account = { contact: ["b@example.com"] };
    await stack.setProgram(program(pebble, { account, dnsNames }));
    const failed = await stack.up({ skipPreview: true, expectFailure: true });
    expect(deeds(failed)).toMatchObject({ ca: "same", site: "failed" });
    const [error] = words(failed, "error").filter((one) => one.includes("accountDoesNotExist"));
    expect(error).toContain("order for account.example, more.example");
    expect(error).toContain(before.accountUrl);
    expect(error).toContain("`pulumi up --refresh` registers it anew");

    const healed = await stack.up({ refresh: true, skipPreview: true });
    const after = await accountOf(stack);
    expect(words(healed, "warning")).toContain(
      `account ${before.accountUrl} is lost; ${after.accountUrl} takes its place`,
    );
    expect(after).toMatchObject({ status: "valid", thumbprint: before.thumbprint });
    await expect(atTheCa(after)).resolves.toMatchObject({ status: "valid" });
    expect(await stack.outputs()).toMatchObject({ issuedBy: after.accountUrl });
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ ca: "same", site: "same" });
  });

  it("that the CA has lost is found by refresh, and the next plain up registers anew", async () => {
    const before = await accountOf(stack);
    await pebble.restart();
    const refresh = await stack.refresh();
    expect(words(refresh, "warning")).toContain(
      `the CA no longer knows account ${before.accountUrl}; the next \`pulumi up\` registers anew`,
    );
    const state = await stack.exportState();
    const account = state.resources.find(({ type }) => type.endsWith(":AcmeAccount"));
    expect(account?.outputs).toMatchObject({ status: "lost", accountUrl: before.accountUrl });
    const preview = await stack.preview();
    expect(words(preview)).toContain("registers anew: the CA has lost the account");
    const up = await stack.up({ skipPreview: true });
    expect(deeds(up)).toMatchObject({ ca: "update" });
    await expect(atTheCa(await accountOf(stack))).resolves.toMatchObject({ status: "valid" });
  });

  it("that was deactivated elsewhere gets a successor with another key", async () => {
    const before = await accountOf(stack);
    await deactivateAccount(clientFor(before), await credentialsFor(before));
    const healed = await stack.up({ refresh: true, skipPreview: true });
    const after = await accountOf(stack);
    expect(words(healed, "warning")).toContain(
      `account ${before.accountUrl} is deactivated; ${after.accountUrl} takes its place`,
    );
    expect(after.accountKeyPem).not.toBe(before.accountKeyPem);
    expect(after.status).toBe("valid");
  });

  it("serves as a reference from another stack, as an object, as the whole resource and in so many words", async () => {
    const literal = JSON.stringify(await accountOf(stack));
    const other = await createStack(
      `
        import * as pulumi from "@pulumi/pulumi";
        import * as acme from "pulumi-acme";
        const first = new pulumi.StackReference("organization/test/dev");
        const args = { solvers: [{ http01: { stateless: true } }], preflight: false };
        const references = {
          account: first.requireOutput("account"), whole: first.requireOutput("whole"), literal: ${literal},
        };
        for (const [name, account] of Object.entries(references)) {
          const certificate = new acme.AcmeCertificate(name, { ...args, dnsNames: [name + ".example"], account });
          exports[name] = certificate.issuedBy;
        }
      `,
      {
        project: "other",
        env: { PULUMI_BACKEND_URL: `file://${join(dirname(stack.directory), "state")}` },
      },
    );
    try {
      await other.up({ skipPreview: true });
      const { accountUrl, accountKeyPem } = await accountOf(stack);
      expect(await other.outputs()).toEqual({
        account: accountUrl,
        whole: accountUrl,
        literal: accountUrl,
      });
      expectNoneOf((await other.exportState()).text, [accountKeyPem]);
      const again = deeds(await other.preview());
      expect(again).toEqual({ account: "same", whole: "same", literal: "same" });
    } finally {
      await other.stop();
    }
  });

  it("is replaced where the program names another CA; its certificate is issued there, and the old account left alone", async () => {
    const other = await startPebble({ alwaysValid: true });
    try {
      const before = await accountOf(stack);
      await stack.setProgram(program(other));
      const up = await stack.up({ skipPreview: true });
      const ops = up.steps.filter(({ name }) => name === "ca").map(({ op }) => op);
      expect(ops.sort()).toEqual(["create-replacement", "delete-replaced", "replace"]);
      expect(deeds(up)).toMatchObject({ site: "update" });
      const after = await accountOf(stack);
      expect(after.directoryUrl).toBe(other.directoryUrl);
      expect((await stack.outputs())["issuedBy"]).toBe(after.accountUrl);
      await expect(atTheCa(before)).resolves.toMatchObject({ status: "valid" });
      await stack.setProgram(program(pebble));
      await stack.up({ skipPreview: true });
    } finally {
      await other.stop();
    }
  });

  it("is not deactivated by a destroy, which does not even ask the CA", async () => {
    const account = await accountOf(stack);
    const requests = counting();
    await stack.destroy();
    expect(requests("/")).toBe(0);
    await expect(atTheCa(account)).resolves.toMatchObject({ status: "valid" });
  });

  it("is deactivated by a destroy where that is asked for", async () => {
    await stack.setProgram(program(pebble, { account: { deactivateOnDestroy: true } }));
    await stack.up({ skipPreview: true });
    const account = await accountOf(stack);
    await stack.destroy();
    await expect(atTheCa(account)).rejects.toThrow(/unauthorized|deactivated/);
  });
});

describe("accounts at a CA with contracts", () => {
  const HMAC_KEY = Buffer.alloc(32, "an HMAC key").toString("base64url");
  const WRONG_KEY = Buffer.alloc(32, "no such key").toString("base64url");

  it("are registered by their binding, refused without the right one, and found by mustExist", async () => {
    const pebble = await startPebble({ eab: { "kid-1": HMAC_KEY } });
    const [mine, unknown] = [await generatePrivateKey("P256"), await generatePrivateKey("P256")];
    const { directoryUrl, caBundlePem } = pebble;
    const stack = await createStack(
      `
        import * as pulumi from "@pulumi/pulumi";
        import * as acme from "pulumi-acme";
        const config = new pulumi.Config();
        const ca = ${JSON.stringify({ directoryUrl, caBundlePem, termsOfServiceAgreed: true })};
        // Inside of an Output, and not even marked as secret: the constructor cannot see what it is.
        const binding = config.requireSecretObject("binding");
        const mine = pulumi.unsecret(config.requireSecret("mine"));
        const bound = new acme.AcmeAccount("bound", {
          ...ca, accountKeyPem: mine, externalAccountBinding: pulumi.unsecret(binding),
        });
        const account = (name, args, opts) => new acme.AcmeAccount(name, { ...ca, ...args }, opts);
        account("unbound", {});
        account("wrong", { externalAccountBinding: { keyId: "kid-1", hmacKey: ${JSON.stringify(WRONG_KEY)} } });
        account("absent", { accountKeyPem: ${JSON.stringify(unknown)}, mustExist: true });
        const found = account("found", { accountKeyPem: mine, mustExist: true }, { dependsOn: bound });
        exports.same = pulumi.all([bound.accountUrl, found.accountUrl]).apply(([one, other]) => one === other);
      `,
      {
        config: {
          binding: { secret: JSON.stringify({ keyId: "kid-1", hmacKey: HMAC_KEY }) },
          mine: { secret: mine },
        },
      },
    );
    try {
      const up = await stack.up(EACH);
      expect(deeds(up)).toEqual({
        bound: "create",
        found: "create",
        unbound: "failed",
        wrong: "failed",
        absent: "failed",
      });
      expect(errorOf(up, "unbound")).toMatch(
        /requires an external account binding; get a key id and an HMAC key/,
      );
      expect(errorOf(up, "wrong")).toMatch(/unauthorized.*are key id and HMAC key .* right\?/);
      expect(errorOf(up, "absent")).toMatch(
        /the CA knows none for the key in accountKeyPem, and mustExist forbids to register one/,
      );
      const { text } = await stack.exportState();
      expectNoneOf(text + up.stdout + up.stderr, [mine, unknown, HMAC_KEY, WRONG_KEY]);
    } finally {
      await stack.stop();
      await pebble.stop();
    }
  });
});

describe("a rollover that is killed (SIGKILL) after the CA took the new key", () => {
  let ca: StrictServer;
  let stack: Stack;
  let mine: string;

  beforeAll(async () => {
    ca = await startStrictServer({ readyAtOnce: true });
    mine = await generatePrivateKey("P256");
  });
  afterAll(async () => {
    await stack.stop();
    await ca.stop();
    ca.assertNoDeviations();
  });

  async function killedUp(): Promise<void> {
    const before = ca.count("keyChange");
    ca.on("keyChange", 1, () => "silence");
    const running = stack.startUp({ skipPreview: true, expectFailure: true });
    for (let tries = 0; ca.count("keyChange") === before; tries++) {
      if (tries > 600) throw new Error(`no rollover: ${running.output()}`);
      await sleep(50);
    }
    // The CA has it; only its answer is missing.
    await sleep(200);
    running.kill();
    await running.finished;
    await stack.cancel();
  }

  it.each([
    ["that the user brings", (): Settings["account"] => ({ accountKeyPem: mine })],
    ["of ours", (): Settings["account"] => ({})],
  ])("to a key %s is finished by the next up", async (_whose, wanted) => {
    const isMine = Object.keys(wanted() ?? {}).length > 0;
    const former = isMine ? {} : { accountKeyPem: mine };
    stack = await createStack(program(ca, { account: former }));
    await stack.up({ skipPreview: true });
    const before = await accountOf(stack);
    await stack.setProgram(program(ca, { account: wanted() ?? {} }));
    await killedUp();
    // The state has the old key, and the CA the new one.
    expect(await accountOf(stack)).toEqual(before);
    ca.tolerate("wrong signature");
    await expect(atTheCa(before)).rejects.toThrow();

    const repaired = await stack.up({ skipPreview: true });
    expect(deeds(repaired)).toMatchObject({ ca: "update" });
    const after = await accountOf(stack);
    expect(after.accountUrl).toBe(before.accountUrl);
    expect(after.accountKeyPem).not.toBe(before.accountKeyPem);
    if (isMine) expect(after.accountKeyPem).toBe(mine);
    await expect(atTheCa(after)).resolves.toMatchObject({ status: "valid" });
    // A certificate of that account can be had, without a refresh.
    const dnsNames = ["after.example"];
    await stack.setProgram(program(ca, { account: wanted() ?? {}, dnsNames }));
    expect(deeds(await stack.up({ skipPreview: true }))).toEqual({ ca: "same", site: "update" });
    expectNoneOf((await stack.exportState()).text, [before.accountKeyPem, after.accountKeyPem]);
    await stack.stop();
  });
});
