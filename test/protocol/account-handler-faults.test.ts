/** `AcmeAccount` at a CA that misbehaves, against the strict server: what was reached is kept, nothing is done twice. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { getAccount } from "../../sdk/acme";
import { credentialsFor, clientFor } from "../../sdk/issuance/clients";
import { accountHandler } from "../../sdk/provider/account";
import type { Properties } from "../../sdk/provider/engine/handler";
import { generatePrivateKey } from "../../sdk/x509/keys";
import { resourceRun, type ResourceRun, nextKeyOf } from "../support/engine/handler-run";
import {
  problem,
  startStrictServer,
  type StrictServer,
  type StrictServerOptions,
} from "../support/ca/strict-server";
import { withHeaders } from "../support/ca/strict";

const HMAC_KEY = Buffer.alloc(32, "an HMAC key");

describe("an AcmeAccount", () => {
  let server: StrictServer;
  let args: Properties;
  let run: ResourceRun;
  /** While this is set, connections are cut where a test says so. */
  let isCut: boolean;

  const start = async (options: StrictServerOptions = {}): Promise<void> => {
    server = await startStrictServer(options);
    const { directoryUrl, caBundlePem } = server;
    args = { directoryUrl, caBundlePem, termsOfServiceAgreed: true };
    run = resourceRun(accountHandler);
    isCut = false;
  };
  beforeEach(() => start());
  afterEach(async () => {
    await server.stop();
    server.assertNoDeviations();
    expect(run.warnings()).toEqual([]);
  });

  const statusAtTheCa = async (): Promise<unknown> =>
    (await getAccount(clientFor(server), await credentialsFor(run.state as never))).status;

  it("whose registration got no answer is found by the next up: one account, one binding", async () => {
    await server.stop();
    await start({ externalAccounts: { "kid-1": HMAC_KEY } });
    server.on("newAccount", "every", (response) => (isCut ? "reset" : response));
    isCut = true;
    const externalAccountBinding = { keyId: "kid-1", hmacKey: HMAC_KEY.toString("base64url") };
    await expect(run.up({ ...args, externalAccountBinding })).rejects.toThrow(
      /it is not known whether the account is registered; the next run asks with the same key/,
    );
    expect(run.state["status"]).toBe("unregistered");
    const { accountKeyPem } = run.state;
    await run.refresh();
    await run.destroy();
    isCut = false;
    expect(await run.up({ ...args, externalAccountBinding })).toBe("updated");
    expect(run.state).toMatchObject({ accountKeyPem, status: "valid" });
    expect(server.state.accounts.size).toBe(1);
    expect(await statusAtTheCa()).toBe("valid");
  });

  it("whose rollover got no answer has the new key, if the CA took it", async () => {
    await run.up(args);
    server.on("keyChange", 1, () => "reset");
    const accountKeyPem = await generatePrivateKey("P256");
    expect(await run.up({ ...args, accountKeyPem })).toBe("updated");
    expect(run.state).toMatchObject({ accountKeyPem });
    expect(await statusAtTheCa()).toBe("valid");
  });

  it("keeps both keys where the CA is gone in the middle of a rollover; the next up finishes it", async () => {
    const mine = await generatePrivateKey("P256");
    await run.up({ ...args, accountKeyPem: mine });
    server.on("keyChange", "every", (response) => (isCut ? "reset" : response));
    server.on("account", "every", (response) => (isCut ? "reset" : response));
    server.on("newAccount", "every", (response) => (isCut ? "reset" : response));
    isCut = true;
    await expect(run.up(args)).rejects.toThrow(
      /it is not known whether the account has its new key; the next run finds out/,
    );
    expect(run.state["accountKeyPem"]).toBe(mine);
    const prepared = await nextKeyOf(run);
    isCut = false;
    // The old key signs a request that the CA knows by the new one only.
    server.tolerate("wrong signature");
    expect(await run.up(args)).toBe("updated");
    expect(run.state).toMatchObject({ accountKeyPem: prepared });
    expect(await statusAtTheCa()).toBe("valid");
    expect(server.state.accounts.size).toBe(1);
  });

  describe.each(["P384", "P521", "Ed25519"] as const)(
    "whose key becomes one of type %s",
    (keyType) => {
      let before: Properties;

      beforeEach(async () => {
        await run.up(args);
        before = run.state;
        await run.up({ ...args, keyType });
        // The process is killed after the CA took the key, and before that was saved.
        run.state = before;
      });

      it("is not lost by a kill: the next up finishes the change", async () => {
        // The old key signs one request more.
        server.tolerate("wrong signature");
        expect(await run.up({ ...args, keyType })).toBe("updated");
        expect(run.state).toMatchObject({ keyType, accountUrl: before["accountUrl"] });
        expect(await statusAtTheCa()).toBe("valid");
        expect(server.state.accounts.size).toBe(1);
      });

      it("is not lost by a kill: where the change is taken back, a refresh finds the key", async () => {
        server.tolerate("wrong signature");
        await expect(run.up({ ...args, contact: ["a@example.com"] })).rejects.toThrow(
          /`pulumi up --refresh` .* finds the key/,
        );
        await run.refresh();
        expect(run.state).toMatchObject({
          keyType,
          accountUrl: before["accountUrl"],
          status: "valid",
        });
        expect(await run.up({ ...args, contact: ["a@example.com"] })).toBe("updated");
        expect(run.state).toMatchObject({ keyType: "P256", accountUrl: before["accountUrl"] });
        expect(await statusAtTheCa()).toBe("valid");
      });
    },
  );

  it("with an RSA key has the next one in its state: a kill between two such keys loses nothing", async () => {
    const mine = await generatePrivateKey("RSA2048");
    await run.up({ ...args, accountKeyPem: mine, keyType: "RSA2048" });
    const before = run.state;
    const prepared = await nextKeyOf(run, "RSA2048");
    await run.up({ ...args, keyType: "RSA2048" });
    run.state = before;
    server.tolerate("wrong signature");
    expect(await run.up({ ...args, keyType: "RSA2048" })).toBe("updated");
    expect(run.state).toMatchObject({ accountKeyPem: prepared, accountUrl: before["accountUrl"] });
  });

  describe("whose triggers change", () => {
    const rolled = { triggers: ["the state was read"] };

    it("gets a key that nothing in its state told of, once", async () => {
      await run.up(args);
      const before = run.state;
      expect(await run.up({ ...args, ...rolled })).toBe("updated");
      expect(run.state).toMatchObject({ accountUrl: before["accountUrl"], keyType: "P256" });
      const told = [before["accountKeyPem"], await nextKeyOf({ state: before })];
      expect(told).not.toContain(run.state["accountKeyPem"]);
      expect(await statusAtTheCa()).toBe("valid");
      expect(await run.up({ ...args, ...rolled })).toBe("unchanged");
    });

    it("is registered anew with such a key, where somebody who read the state has taken the account", async () => {
      await run.up(args);
      const before = run.state;
      server.forgetAccounts();
      await run.refresh();
      expect(run.state["status"]).toBe("lost");
      expect(run.warnings()).toHaveLength(1);
      expect(await run.up({ ...args, ...rolled })).toBe("updated");
      expect(run.warnings()).toEqual([expect.stringContaining("takes its place")]);
      const told = [before["accountKeyPem"], await nextKeyOf({ state: before })];
      expect(told).not.toContain(run.state["accountKeyPem"]);
      expect(await statusAtTheCa()).toBe("valid");
    });

    it("gets the key of the first try in the next one, where the CA's answer was lost", async () => {
      await run.up(args);
      let isCut = true;
      for (const endpoint of ["keyChange", "account", "newAccount"] as const) {
        server.on(endpoint, "every", (response) => (isCut ? "reset" : response));
      }
      await expect(run.up({ ...args, ...rolled })).rejects.toThrow("the next run finds out");
      isCut = false;
      server.tolerate("wrong signature");
      expect(await run.up({ ...args, ...rolled })).toBe("updated");
      expect(await statusAtTheCa()).toBe("valid");
      expect(server.state.accounts.size).toBe(1);
    });
  });

  it.each([
    ["names the account", (url: string) => url],
    ["names the account by its path", (url: string) => new URL(url).pathname],
  ])("whose rollover was done before has its new key: a conflict %s", async (_what, locationOf) => {
    await run.up(args);
    const { accountUrl } = run.state;
    server.instead("keyChange", 1, () =>
      problem(
        409,
        { type: "malformed", detail: "in use" },
        { location: locationOf(String(accountUrl)) },
      ),
    );
    const accountKeyPem = await generatePrivateKey("P256");
    expect(await run.up({ ...args, accountKeyPem })).toBe("updated");
    expect(run.state).toMatchObject({ accountKeyPem, accountUrl });
    expect(server.count("account")).toBe(0);
  });

  it("whose new key is another account's keeps its own, and signs nothing with that key", async () => {
    const other = resourceRun(accountHandler);
    await other.up(args);
    await run.up(args);
    const before = run.state;
    const { accountKeyPem } = other.state;
    await expect(run.up({ ...args, accountKeyPem })).rejects.toThrow(
      `the new key belongs to account ${String(other.state["accountUrl"])}`,
    );
    expect(run.state).toEqual(before);
    // Without a `Location` the CA is asked whose the key is.
    server.on("keyChange", "every", (response) => withHeaders(response, { location: undefined }));
    await expect(run.up({ ...args, accountKeyPem })).rejects.toThrow("belongs to another account");
    expect(run.state).toEqual(before);
  });

  it("keeps its key where the CA knows no rollover, and the error says what can be done", async () => {
    await server.stop();
    await start({ keyChange: false });
    await run.up(args);
    const before = run.state;
    await expect(run.up({ ...args, keyType: "P384" })).rejects.toThrow(
      /does not support key rollover.*restore keyType and accountKeyPem, or replace the resource/,
    );
    expect(run.state).toEqual(before);
    expect(await run.up(args)).toBe("unchanged");
  });

  it("is valid after a refresh at a CA that cannot show accounts", async () => {
    await run.up(args);
    server.instead("account", "every", () => ({
      status: 200,
      headers: { "content-type": "application/json" },
      body: '"not here"',
    }));
    const before = run.state;
    await run.refresh();
    expect(run.state).toEqual(before);
  });

  it("keeps its state where the CA has no time for a refresh", async () => {
    await run.up(args);
    server.instead("account", "every", () => problem(429, { type: "rateLimited", detail: "busy" }));
    const before = run.state;
    await run.refresh();
    expect(run.warnings()).toEqual([
      expect.stringMatching(/the account was not refreshed: .*rateLimited: busy/),
    ]);
    expect(run.state).toEqual(before);
  });

  it("has no difference for ever at a CA that keeps no contacts", async () => {
    for (const endpoint of ["newAccount", "account"] as const) {
      server.on(endpoint, "every", (response) => ({
        ...response,
        body: response.body.replace(/"contact":\[[^\]]*\],/, ""),
      }));
    }
    const contact = ["a@example.com"];
    await run.up({ ...args, contact });
    await run.refresh();
    expect(run.state["contact"]).toEqual(["mailto:a@example.com"]);
    expect(await run.up({ ...args, contact })).toBe("unchanged");
  });

  it("shows contacts that somebody else changed where the program names none", async () => {
    await run.up(args);
    for (const account of server.state.accounts.values())
      account.contact = ["mailto:x@example.com"];
    await run.refresh();
    expect(run.state["contact"]).toEqual(["mailto:x@example.com"]);
    expect(await run.up(args)).toBe("unchanged");
  });

  it("that the CA revoked is registered anew with another key", async () => {
    await run.up(args);
    const { accountUrl } = run.state;
    const known = [run.state["accountKeyPem"], await nextKeyOf(run)];
    server.on("account", 1, (response) => ({
      ...response,
      body: response.body.replace('"valid"', '"revoked"'),
    }));
    await run.refresh();
    expect(run.warnings()).toEqual([expect.stringContaining("revoked: account https://")]);
    expect(await run.up(args)).toBe("updated");
    expect(run.warnings()).toEqual([expect.stringContaining("takes its place")]);
    expect(run.state["status"]).toBe("valid");
    expect(known).not.toContain(run.state["accountKeyPem"]);
    expect(run.state["accountUrl"]).not.toBe(accountUrl);
  });

  it("whose key the CA refuses for good says so", async () => {
    const accountKeyPem = await generatePrivateKey("P256");
    await run.up({ ...args, accountKeyPem });
    for (const account of server.state.accounts.values()) account.status = "deactivated";
    await run.refresh();
    expect(run.warnings()).toEqual([expect.stringContaining("deactivated: account https://")]);
    await expect(run.up({ ...args, accountKeyPem })).rejects.toThrow(
      /the CA refuses the key for good \(the account is deactivated\); give another accountKeyPem/,
    );
  });

  it("warns of terms that have changed, and goes on", async () => {
    await run.up(args);
    run.state = { ...run.state, termsOfServiceUrl: "https://ca.example/terms-of-last-year" };
    await run.refresh();
    expect(run.warnings()).toEqual([
      expect.stringMatching(/the CA's terms of service have changed: https?:/),
    ]);
    expect(await run.up(args)).toBe("unchanged");
  });

  describe("at a CA that wants an external account binding in a look-up as well", () => {
    const externalAccountBinding = { keyId: "kid-1", hmacKey: HMAC_KEY.toString("base64url") };
    let bound: Properties;

    beforeEach(async () => {
      await server.stop();
      await start({ externalAccounts: { "kid-1": HMAC_KEY } });
      // ansible-collections/community.crypto#918
      server.on("newAccount", "every", (response, { payload }) =>
        "externalAccountBinding" in (payload as object)
          ? response
          : problem(400, {
              type: "externalAccountRequired",
              detail: "binding parameters required",
            }),
      );
      bound = { ...args, externalAccountBinding };
    });

    it("registers the key that the user brings, and finds its account the next time", async () => {
      const accountKeyPem = await generatePrivateKey("P256");
      await run.up({ ...bound, accountKeyPem });
      const { accountUrl } = run.state;
      const again = resourceRun(accountHandler);
      await again.up({ ...bound, accountKeyPem });
      expect(again.state).toMatchObject({ accountUrl });
      expect(server.state.accounts.size).toBe(1);
    });

    it("finds an account that must exist, and registers none where there is none", async () => {
      server.tolerate("external account binding in a look-up");
      const accountKeyPem = await generatePrivateKey("P256");
      const must = { ...bound, accountKeyPem, mustExist: true };
      await expect(run.up(must)).rejects.toThrow(/knows none for the key in accountKeyPem/);
      expect(server.state.accounts.size).toBe(0);
      await run.up({ ...bound, accountKeyPem });
      const again = resourceRun(accountHandler);
      await again.up(must);
      expect(again.state["accountUrl"]).toBe(run.state["accountUrl"]);
    });

    it("says what is missing where the program has no binding", async () => {
      const accountKeyPem = await generatePrivateKey("P256");
      await expect(run.up({ ...args, accountKeyPem })).rejects.toThrow(
        /externalAccountRequired: binding parameters required: .*give its key id and HMAC key as externalAccountBinding/,
      );
    });

    it("sees in a refresh that the account is lost, and registers anew", async () => {
      await run.up(bound);
      const { accountUrl } = run.state;
      server.forgetAccounts();
      server.state.usedExternalAccounts.clear();
      await run.refresh();
      expect(run.warnings()).toEqual([expect.stringContaining("no longer knows account")]);
      expect(run.state["status"]).toBe("lost");
      expect(await run.up(bound)).toBe("updated");
      expect(run.warnings()).toEqual([expect.stringContaining("takes its place")]);
      expect(run.state["accountUrl"]).not.toBe(accountUrl);
      expect(await statusAtTheCa()).toBe("valid");
    });

    it("sees in a refresh that the account is deactivated", async () => {
      await run.up(bound);
      for (const account of server.state.accounts.values()) account.status = "deactivated";
      // The account might have the next key, after a rollover that was killed.
      server.tolerate("wrong signature");
      await run.refresh();
      expect(run.warnings()).toEqual([expect.stringContaining("deactivated: account https://")]);
      expect(run.state["status"]).toBe("deactivated");
    });

    it("keeps its state where the CA does not say that the account is lost", async () => {
      server.tolerate("wrong signature");
      await run.up(bound);
      const before = run.state;
      server.instead("account", "every", () =>
        problem(404, { type: "malformed", detail: "where?" }),
      );
      await run.refresh();
      expect(run.warnings()).toEqual([
        expect.stringMatching(/was not refreshed: .*externalAccountRequired/),
      ]);
      expect(run.state).toEqual(before);
    });
  });
});
