/** `AcmeAccount` against a real ACME server: registered, changed in place, lost, found, killed in the middle. */
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import { changeAccountKey, deactivateAccount, getAccount, loadAccountKey } from "../../sdk/acme";
import { credentialsFor, clientFor } from "../../sdk/issuance/clients";
import { accountHandler } from "../../sdk/provider/account";
import type { Properties } from "../../sdk/provider/engine/handler";
import { generatePrivateKey } from "../../sdk/x509/keys";
import { resourceRun, type ResourceRun, nextKeyOf } from "../support/engine/handler-run";
import { type Pebble, startPebble } from "../support/ca/pebble";
import { describeWithTools } from "../support/process/tools";

const HMAC_KEY = Buffer.alloc(32, "an HMAC key").toString("base64url");
const LONG_HMAC_KEY = Buffer.alloc(64, "a longer HMAC key").toString("base64url");
/** Where nobody answers. */
const NOBODY = "https://127.0.0.1:1/dir";

describeWithTools(["pebble", "pebble-challtestsrv"], "an AcmeAccount at Pebble", () => {
  let pebble: Pebble;
  let args: Properties;
  let ca: { directoryUrl: string; caBundlePem: string };
  let account: ResourceRun;

  beforeAll(async () => {
    pebble = await startPebble();
    args = argumentsFor(pebble);
    ca = pebble;
  });
  afterAll(async () => {
    await pebble.stop();
  });
  afterEach(() => {
    // Nobody is warned of what a test does not expect.
    expect(account.warnings()).toEqual([]);
  });

  async function registered(more: Properties = {}): Promise<ResourceRun> {
    account = resourceRun(accountHandler);
    expect(await account.up({ ...args, ...more })).toBe("created");
    return account;
  }

  /** What the CA says of the account, asked with the key in the state. */
  async function atTheCa(run: ResourceRun) {
    return getAccount(clientFor(ca), await credentialsFor(run.state as never));
  }

  it("is registered with all outputs, and left alone by the next up", async () => {
    const run = await registered({ contact: ["b@example.com", "a@example.com"] });
    expect(run.state).toMatchObject({
      accountUrl: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/my-account\//) as string,
      accountKeyPem: expect.stringMatching(/^-----BEGIN PRIVATE KEY-----\n/) as string,
      status: "valid",
      contact: ["mailto:a@example.com", "mailto:b@example.com"],
      directoryUrl: pebble.directoryUrl,
      caBundlePem: pebble.caBundlePem,
      keyType: "P256",
      termsOfServiceUrl: expect.stringMatching(/^data:/) as string,
      caaIdentities: ["pebble.test"],
      profiles: { default: "the default" },
      stateVersion: 1,
    });
    const key = await loadAccountKey(String(run.state["accountKeyPem"]));
    expect(run.state["thumbprint"]).toBe(key.thumbprint);
    expect(await nextKeyOf(run)).not.toBe(run.state["accountKeyPem"]);
    const requests = pebble.requests().length;
    expect(await run.up({ ...args, contact: ["mailto:a@example.com", "b@example.com"] })).toBe(
      "unchanged",
    );
    expect(pebble.requests()).toHaveLength(requests);
  });

  it.each(["P384", "P521", "RSA2048"])("signs with a key of type %s", async (keyType) => {
    const run = await registered({ keyType });
    expect(run.state["keyType"]).toBe(keyType);
    await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
  });

  it("says which algorithms the CA takes where the key is of none of them", async () => {
    account = resourceRun(accountHandler);
    await expect(account.up({ ...args, keyType: "Ed25519" })).rejects.toThrow(
      /badSignatureAlgorithm: .*RS256 ES256 ES384 ES512/,
    );
  });

  it("is not registered before the terms are agreed to, and the error names them", async () => {
    account = resourceRun(accountHandler);
    await expect(account.up({ ...args, termsOfServiceAgreed: false })).rejects.toThrow(
      /terms of service: read data:\S+ and set termsOfServiceAgreed to true/,
    );
    expect(account.state).toEqual({});
  });

  it("gets other contacts in place, and loses them again", async () => {
    const run = await registered({ contact: ["a@example.com"] });
    const { accountUrl, accountKeyPem } = run.state;
    expect(await run.up({ ...args, contact: ["c@example.com"] })).toBe("updated");
    await expect(atTheCa(run)).resolves.toMatchObject({ contact: ["mailto:c@example.com"] });
    expect(await run.up(args)).toBe("updated");
    expect((await atTheCa(run)).contact ?? []).toEqual([]);
    expect(run.state).toMatchObject({ accountUrl, accountKeyPem, contact: [] });
  });

  it("takes other settings over without a request", async () => {
    const run = await registered();
    const before = pebble.requests().length;
    expect(await run.up({ ...args, deactivateOnDestroy: true })).toBe("updated");
    expect(pebble.requests()).toHaveLength(before);
    expect(run.state["__arguments"]).toMatchObject({ deactivateOnDestroy: true });
  });

  it("is replaced where the directory is another", async () => {
    const run = await registered();
    expect(await run.up({ ...args, directoryUrl: NOBODY })).toBe("to be replaced");
  });

  it("keeps its state while the CA is down: refresh warns, a no-op up does not notice", async () => {
    const run = await registered();
    const before = { ...run.state, directoryUrl: NOBODY };
    run.state = before;
    await run.refresh();
    expect(run.warnings()).toEqual([
      expect.stringMatching(/the account was not refreshed: .*refuses the connection/),
    ]);
    expect(run.state).toEqual(before);
    expect(await run.up({ ...args, directoryUrl: NOBODY })).toBe("unchanged");
  });

  describeRollover();
  describeLoss();
  describeDestruction();

  function describeRollover(): void {
    it("a change of key type rolls the key over and keeps the account's URL", async () => {
      const run = await registered();
      const { accountUrl, thumbprint } = run.state;
      expect(await run.up({ ...args, keyType: "P384" })).toBe("updated");
      expect(run.state).toMatchObject({ accountUrl, keyType: "P384", status: "valid" });
      expect(run.state["thumbprint"]).not.toBe(thumbprint);
      await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
    });

    it("a user's key takes over, and one of ours when the user takes it back", async () => {
      const run = await registered();
      const { accountUrl } = run.state;
      const accountKeyPem = await generatePrivateKey("P521");
      expect(await run.up({ ...args, accountKeyPem })).toBe("updated");
      expect(run.state).toMatchObject({ accountUrl, accountKeyPem, keyType: "P521" });
      const prepared = await nextKeyOf(run);
      expect(await run.up(args)).toBe("updated");
      expect(run.state).toMatchObject({ accountUrl, accountKeyPem: prepared, keyType: "P256" });
      expect(await nextKeyOf(run)).not.toBe(prepared);
      await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
    });

    it("killed after the CA took the user's key, it is finished by the next up", async () => {
      const run = await registered();
      const accountKeyPem = await generatePrivateKey("P256");
      await killedUp(run, { ...args, accountKeyPem });
      expect(await run.up({ ...args, accountKeyPem })).toBe("updated");
      expect(run.state).toMatchObject({ accountKeyPem });
      await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
    });

    it("killed after the CA took a key of ours, it is finished by the next up", async () => {
      const run = await registered({ accountKeyPem: await generatePrivateKey("P256") });
      const { accountUrl } = run.state;
      const prepared = await nextKeyOf(run);
      await killedUp(run, args);
      expect(await run.up(args)).toBe("updated");
      expect(run.state).toMatchObject({ accountUrl, accountKeyPem: prepared });
      await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
    });

    it("killed after the CA took a key of ours, it is found by refresh", async () => {
      const mine = await generatePrivateKey("P256");
      const run = await registered({ accountKeyPem: mine });
      const { accountUrl } = run.state;
      const prepared = await nextKeyOf(run);
      await killedUp(run, args);
      // The user has changed their mind: without a refresh nothing would look for the key.
      expect(await run.up({ ...args, accountKeyPem: mine })).toBe("unchanged");
      await run.refresh();
      expect(run.state).toMatchObject({ accountUrl, accountKeyPem: prepared, status: "valid" });
      expect(await run.up({ ...args, accountKeyPem: mine })).toBe("updated");
      expect(run.state).toMatchObject({ accountUrl, accountKeyPem: mine });
      await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
    });

    it("another account's key is refused, and the account keeps its own", async () => {
      const other = await registered();
      const run = await registered();
      const before = run.state;
      const accountKeyPem = other.state["accountKeyPem"];
      await expect(run.up({ ...args, accountKeyPem })).rejects.toThrow(/another account/);
      expect(run.state).toEqual(before);
      expect(await run.up(args)).toBe("unchanged");
      await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
    });

    it("the new key is kept where the contacts then fail, and the next up does these alone", async () => {
      const run = await registered({ contact: ["a@example.com"] });
      const accountKeyPem = await generatePrivateKey("P256");
      // Pebble takes two contacts at most.
      const contact = ["a@example.com", "b@example.com", "c@example.com"];
      await expect(run.up({ ...args, accountKeyPem, contact })).rejects.toThrow(
        /has its new key, but not its new contacts/,
      );
      expect(run.state).toMatchObject({ accountKeyPem, contact: ["mailto:a@example.com"] });
      expect(await run.up({ ...args, accountKeyPem, contact: ["b@example.com"] })).toBe("updated");
      await expect(atTheCa(run)).resolves.toMatchObject({ contact: ["mailto:b@example.com"] });
    });
  }

  /** An `up` of which the process is killed after the CA did everything, and before that was saved. */
  async function killedUp(run: ResourceRun, news: Properties): Promise<void> {
    const { state } = run;
    expect(await run.up(news)).toBe("updated");
    run.state = state;
  }

  function describeLoss(): void {
    it("lost by the CA, it is found by refresh and registered anew with the same key", async () => {
      const run = await registered({ contact: ["a@example.com"] });
      const before = run.state;
      await pebble.restart();
      await run.refresh();
      expect(run.warnings()).toEqual([
        `warning: the CA no longer knows account ${String(before["accountUrl"])}; the next \`pulumi up\` registers anew`,
      ]);
      expect(run.state).toMatchObject({ ...before, status: "lost" });
      expect(await run.up({ ...args, contact: ["a@example.com"] })).toBe("updated");
      expect(run.warnings()).toEqual([
        `warning: account ${String(before["accountUrl"])} is lost; ${String(run.state["accountUrl"])} takes its place`,
      ]);
      expect(run.state).toMatchObject({
        accountKeyPem: before["accountKeyPem"],
        thumbprint: before["thumbprint"],
        status: "valid",
      });
      await expect(atTheCa(run)).resolves.toMatchObject({ contact: ["mailto:a@example.com"] });
    });

    it("lost by the CA, a change that meets it says how to find out", async () => {
      const run = await registered();
      await pebble.restart();
      await expect(run.up({ ...args, contact: ["a@example.com"] })).rejects.toThrow(
        /accountDoesNotExist.*`pulumi up --refresh`/,
      );
    });

    it("deactivated elsewhere, it is found by refresh and registered anew with a key that was in no state before", async () => {
      const run = await registered();
      const known = [run.state["accountKeyPem"], await nextKeyOf(run)];
      await deactivateAccount(clientFor(ca), await credentialsFor(run.state as never));
      await run.refresh();
      expect(run.warnings()).toEqual([expect.stringContaining("deactivated: account https://")]);
      expect(run.state["status"]).toBe("deactivated");
      const nextAccountKeyPem = await nextKeyOf(run);
      expect(known).not.toContain(nextAccountKeyPem);
      await killedUp(run, args);
      const first = run.warnings();
      expect(await run.up(args)).toBe("updated");
      expect(run.warnings()).toEqual(first);
      expect(run.state).toMatchObject({ accountKeyPem: nextAccountKeyPem, status: "valid" });
    });

    it("deactivated elsewhere, with a key that the user brought: the error asks for another", async () => {
      const accountKeyPem = await generatePrivateKey("P256");
      const run = await registered({ accountKeyPem });
      await deactivateAccount(clientFor(ca), await credentialsFor(run.state as never));
      await run.refresh();
      run.warnings();
      await expect(run.up({ ...args, accountKeyPem })).rejects.toThrow(
        /refuses the key for good.*give another accountKeyPem/,
      );
      expect(await run.up({ ...args, accountKeyPem: await generatePrivateKey("P256") })).toBe(
        "updated",
      );
      expect(run.warnings()).toEqual([expect.stringContaining("takes its place")]);
    });

    it("with another key that nobody has, it is registered anew", async () => {
      const run = await registered();
      const credentials = await credentialsFor(run.state as never);
      const stolen = await loadAccountKey(await generatePrivateKey("P256"));
      await changeAccountKey(clientFor(ca), credentials, stolen);
      await run.refresh();
      expect(run.warnings()).toEqual([expect.stringContaining("no longer knows account")]);
      expect(await run.up(args)).toBe("updated");
      expect(run.warnings()).toEqual([expect.stringContaining("takes its place")]);
      await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
    });
  }

  function describeDestruction(): void {
    it("is not deactivated by destroy, and destroy does not need the CA", async () => {
      const run = await registered();
      const before = pebble.requests().length;
      await run.destroy();
      expect(pebble.requests()).toHaveLength(before);
      await expect(atTheCa(run)).resolves.toMatchObject({ status: "valid" });
    });

    it("is deactivated by destroy where that is asked for; gone already is success", async () => {
      const run = await registered({ deactivateOnDestroy: true });
      await run.destroy();
      await expect(atTheCa(run)).rejects.toThrow(/unauthorized/);
      await run.destroy();
      await pebble.restart();
      await run.destroy();
    });

    it("is destroyed by the key that the CA knows, after a rollover that was killed", async () => {
      const mine = await generatePrivateKey("P256");
      const run = await registered({ accountKeyPem: mine, deactivateOnDestroy: true });
      const next = await loadAccountKey(await nextKeyOf(run));
      await killedUp(run, { ...args, deactivateOnDestroy: true });
      await run.destroy();
      const { accountUrl } = run.state as { accountUrl: string };
      await expect(getAccount(clientFor(ca), { accountUrl, key: next })).rejects.toThrow(
        /unauthorized/,
      );
    });

    it("is kept in the state where the CA cannot be asked to deactivate it", async () => {
      const run = await registered({ deactivateOnDestroy: true });
      run.state = { ...run.state, directoryUrl: NOBODY };
      await expect(run.destroy()).rejects.toThrow(
        /refuses the connection.*nothing was destroyed; try again/,
      );
    });
  }

  it("of a key that has one is found, and never created by mustExist", async () => {
    const accountKeyPem = await generatePrivateKey("P256");
    account = resourceRun(accountHandler);
    await expect(
      account.up({ ...args, accountKeyPem, mustExist: true, termsOfServiceAgreed: undefined }),
    ).rejects.toThrow(/the CA knows none for the key in accountKeyPem, and mustExist forbids/);
    const first = await registered({ accountKeyPem, contact: ["a@example.com"] });
    const again = await registered({ accountKeyPem, mustExist: true, termsOfServiceAgreed: false });
    expect(again.state).toMatchObject({
      accountUrl: first.state["accountUrl"],
      contact: ["mailto:a@example.com"],
    });
    // what a registration says of an account that exists counts for nothing, so contacts are sent again.
    const third = await registered({ accountKeyPem, contact: ["b@example.com"] });
    expect(third.state["accountUrl"]).toBe(first.state["accountUrl"]);
    await expect(atTheCa(third)).resolves.toMatchObject({ contact: ["mailto:b@example.com"] });
  });

  it("of a key that has one is kept in the state where its contacts fail", async () => {
    const accountKeyPem = await generatePrivateKey("P256");
    await registered({ accountKeyPem, contact: ["a@example.com"] });
    account = resourceRun(accountHandler);
    const contact = ["a@example.com", "b@example.com", "c@example.com"];
    await expect(account.up({ ...args, accountKeyPem, contact })).rejects.toThrow(
      /is there, but its contacts could not be updated/,
    );
    expect(account.state).toMatchObject({ status: "valid", contact: ["mailto:a@example.com"] });
    expect(await account.up({ ...args, accountKeyPem, contact: ["b@example.com"] })).toBe(
      "updated",
    );
    await expect(atTheCa(account)).resolves.toMatchObject({ contact: ["mailto:b@example.com"] });
  });
});

describeWithTools(
  ["pebble", "pebble-challtestsrv"],
  "an AcmeAccount at a CA with contracts",
  () => {
    let pebble: Pebble;
    let args: Properties;

    beforeAll(async () => {
      pebble = await startPebble({ eab: { "kid-1": HMAC_KEY, "kid-2": LONG_HMAC_KEY } });
      args = argumentsFor(pebble);
    });
    afterAll(async () => {
      await pebble.stop();
    });

    it("wants a binding, and says so before anything is sent", async () => {
      const before = pebble.requests().length;
      await expect(resourceRun(accountHandler).up(args)).rejects.toThrow(
        /requires an external account binding; get a key id and an HMAC key/,
      );
      const sent = pebble.requests().slice(before);
      expect(sent.filter(({ method }) => method === "POST")).toEqual([]);
    });

    it.each([
      ["key identifier", { keyId: "kid-3", hmacKey: HMAC_KEY }],
      ["HMAC key", { keyId: "kid-1", hmacKey: Buffer.alloc(32, 7).toString("base64") }],
    ])("a wrong %s is refused with a hint, and shown to nobody", async (_what, binding) => {
      const run = resourceRun(accountHandler);
      const failure = run.up({ ...args, externalAccountBinding: binding });
      await expect(failure).rejects.toThrow(/unauthorized.*are key id and HMAC key .* right\?/);
      await expect(failure).rejects.not.toThrow(binding.hmacKey);
      expect(run.state).toEqual({});
    });

    it.each([
      ["HS256", "kid-1", HMAC_KEY],
      ["HS384", "kid-2", LONG_HMAC_KEY],
      ["HS512", "kid-2", LONG_HMAC_KEY],
    ])(
      "is registered by a binding with %s, which is then spent: no change of it is a change",
      async (algorithm, keyId, hmacKey) => {
        const run = resourceRun(accountHandler);
        const externalAccountBinding = { keyId, hmacKey, algorithm };
        expect(await run.up({ ...args, externalAccountBinding })).toBe("created");
        expect(
          await run.up({ ...args, externalAccountBinding: { keyId: "x", hmacKey: "eA" } }),
        ).toBe("unchanged");
        expect(await run.up(args)).toBe("unchanged");
        expect(JSON.stringify(run.state)).not.toContain(hmacKey);
        expect(run.warnings()).toEqual([]);
      },
    );

    it("a key that has an account does not spend a binding", async () => {
      const accountKeyPem = await generatePrivateKey("P256");
      const externalAccountBinding = { keyId: "kid-1", hmacKey: HMAC_KEY };
      const first = resourceRun(accountHandler);
      await first.up({ ...args, accountKeyPem, externalAccountBinding });
      const again = resourceRun(accountHandler);
      // A binding that Pebble would refuse: it is not sent.
      await again.up({
        ...args,
        accountKeyPem,
        externalAccountBinding: { keyId: "x", hmacKey: "eA" },
      });
      expect(again.state["accountUrl"]).toBe(first.state["accountUrl"]);
    });

    it("a short HMAC key is warned of", async () => {
      const run = resourceRun(accountHandler);
      const externalAccountBinding = { keyId: "kid-1", hmacKey: "c2hvcnQ" };
      await expect(run.up({ ...args, externalAccountBinding })).rejects.toThrow(/unauthorized/);
      expect(run.warnings()).toEqual([
        "warning: externalAccountBinding.hmacKey: 5 bytes are less than the 32 that a key for HS256 should have; is it whole?",
      ]);
    });
  },
);

describeWithTools(
  ["pebble", "pebble-challtestsrv"],
  "an AcmeAccount with a wrong directory",
  () => {
    let pebble: Pebble;

    beforeAll(async () => {
      pebble = await startPebble();
    });
    afterAll(async () => {
      await pebble.stop();
    });

    it.each([
      ["HTML", 200, "text/html", "<html>not here</html>", /is not an ACME directory: .*text\/html/],
      ["404", 404, "text/plain", "no such page", /is not an ACME directory: it answered HTTP 404/],
      ["other JSON", 200, "application/json", "{}", /is not an ACME directory: it has no newNonce/],
    ])("that answers %s says so", async (_what, status, type, body, reason) => {
      const server = createHttpServer((_request, response) => {
        response.writeHead(status, { "content-type": type }).end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        const run = resourceRun(accountHandler);
        const directoryUrl = `http://127.0.0.1:${String(port)}/`;
        await expect(run.up({ directoryUrl, termsOfServiceAgreed: true })).rejects.toThrow(reason);
        expect(run.state).toEqual({});
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    });

    it("that nobody answers says so", async () => {
      const run = resourceRun(accountHandler);
      const up = run.up({ directoryUrl: NOBODY, termsOfServiceAgreed: true });
      await expect(up).rejects.toThrow(
        /127\.0\.0\.1:1 refuses the connection; check the directory URL/,
      );
    });

    it("whose TLS nobody vouches for says so, and how to trust it", async () => {
      const run = resourceRun(accountHandler);
      const up = run.up({ directoryUrl: pebble.directoryUrl, termsOfServiceAgreed: true });
      await expect(up).rejects.toThrow(
        /is not trusted .*give the roots of a private CA as caBundlePem/,
      );
    });

    it("of plain http on a public host is refused before anything is sent", async () => {
      const run = resourceRun(accountHandler);
      await expect(run.up({ directoryUrl: "http://ca.example/dir" })).rejects.toThrow(
        "directoryUrl: must be an https URL",
      );
    });
  },
);

function argumentsFor(pebble: Pebble): Properties {
  return {
    directoryUrl: pebble.directoryUrl,
    caBundlePem: pebble.caBundlePem,
    termsOfServiceAgreed: true,
  };
}
