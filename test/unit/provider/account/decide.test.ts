import { describe, expect, it } from "vitest";

import { accountHandler } from "../../../../sdk/provider/account";
import { type AccountArguments, RULES } from "../../../../sdk/provider/account/arguments";
import { decideAccount } from "../../../../sdk/provider/account/decide";
import type { AccountState } from "../../../../sdk/provider/account/state";
import { storedArguments } from "../../../../sdk/provider/engine/rules";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const before: AccountArguments = {
  directoryUrl: "https://ca.example/dir",
  termsOfServiceAgreed: true,
  contact: ["mailto:a@example.com", "mailto:b@example.com"],
};

const state: AccountState = {
  __arguments: storedArguments(RULES, before),
  __state: { nextKeySeed: "seed" },
  accountUrl: "https://ca.example/acct/1",
  accountKeyPem: "key 1",
  thumbprint: "thumbprint",
  status: "valid",
  contact: ["mailto:a@example.com", "mailto:b@example.com"],
  directoryUrl: "https://ca.example/dir",
  keyType: "P256",
  caaIdentities: [],
  profiles: {},
};

function decide(change: object, changedState: object = {}): string {
  const decision = decideAccount({ ...state, ...changedState }, { ...before, ...change });
  return decision.action === "none" ? "none" : `${decision.action}: ${decision.reason}`;
}

describe("an account whose arguments", () => {
  it.each<[string, object, string]>([
    ["are the same is left alone", {}, "none"],
    ["name the default key type is left alone", { keyType: "P256" }, "none"],
    [
      "have another binding is left alone",
      { externalAccountBinding: { keyId: "2", hmacKey: "x" } },
      "none",
    ],
    ["agree or not is left alone: it has been registered", { termsOfServiceAgreed: false }, "none"],
    ["say mustExist is left alone: it exists", { mustExist: true }, "none"],
    [
      "have another contact gets it in place",
      { contact: ["mailto:a@example.com"] },
      "change: updates its contacts",
    ],
    ["have no contact any more loses it", { contact: undefined }, "change: updates its contacts"],
    [
      "have another key type gets such a key",
      { keyType: "RSA2048" },
      "change: rolls its key over to a new RSA2048 key",
    ],
    [
      "have other triggers gets a new key of its kind",
      { triggers: ["2026-06-01"] },
      "change: rolls its key over to a new P256 key",
    ],
    ["have empty triggers is left alone", { triggers: [] }, "none"],
    [
      "bring another key rolls over to it, and may get contacts at once",
      { accountKeyPem: "key 3", contact: [] },
      "change: rolls its key over to the key that is given and updates its contacts",
    ],
    [
      "bring the key that it has remember that it is the user's",
      { accountKeyPem: "key 1" },
      "settings: takes over accountKeyPem; the CA is not asked",
    ],
    [
      "have other roots and other manners takes them over without a request",
      { caBundlePem: "roots", deactivateOnDestroy: true },
      "settings: takes over caBundlePem and deactivateOnDestroy; the CA is not asked",
    ],
    [
      "name another directory is replaced",
      { directoryUrl: "https://other.example/dir", contact: [] },
      "replace: replaces: the directory URL is another CA's",
    ],
  ])("%s", (_what, change, expected) => {
    expect(decide(change)).toBe(expected);
  });

  it("take back the user's key gets one of ours", () => {
    const brought = {
      __arguments: storedArguments(RULES, { ...before, accountKeyPem: "key 1" }),
    };
    expect(decide({}, brought)).toBe("change: rolls its key over to a new P256 key");
    expect(decide({ accountKeyPem: "key 1" }, brought)).toBe("none");
  });

  it("are not known yet is perhaps changed where the CA would be asked, and else is not", () => {
    expect(decide({ contact: ["mailto:a@example.com", UNKNOWN] })).toMatch(/^change/);
    expect(decide({ contact: UNKNOWN })).toMatch(/^change/);
    expect(decide({ accountKeyPem: UNKNOWN })).toMatch(/^change/);
    expect(decide({ keyType: UNKNOWN })).toMatch(/^change: .* one of another kind/);
    expect(decide({ directoryUrl: UNKNOWN })).toMatch(/^change: perhaps replaces/);
    expect(decide({ triggers: [UNKNOWN] })).toMatch(/^change: rolls its key over/);
    expect(decide({ caBundlePem: UNKNOWN })).toBe("none");
    expect(decide({ externalAccountBinding: UNKNOWN })).toBe("none");
  });
});

describe("an account that refresh found", () => {
  it.each([
    ["lost", "register: registers anew: the CA has lost the account"],
    ["deactivated", "register: registers anew: the account is deactivated"],
    ["revoked", "register: registers anew: the CA has revoked the account"],
    ["unregistered", "register: registers: the CA has not answered the last attempt"],
  ])("%s is registered by the next up", (status, expected) => {
    expect(decide({}, { status })).toBe(expected);
  });
});

describe("diff", () => {
  it("says explicitly whether there are changes, and ignores the engine's own keys", async () => {
    const olds = { ...state, __provider: "a", stateVersion: 1 };
    const news = { ...before, __provider: "b", __urn: "urn" };
    expect(await accountHandler.diff("id", olds, news)).toEqual({ changes: false });
    expect(await accountHandler.diff("id", olds, { ...news, keyType: "P384" })).toEqual({
      changes: true,
    });
    const moved = { ...news, directoryUrl: "https://other.example/dir" };
    expect(await accountHandler.diff("id", olds, moved)).toEqual({
      changes: true,
      replaces: ["directoryUrl"],
    });
  });
});
