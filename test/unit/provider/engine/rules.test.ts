/** What a change of an argument means, decided from one table. */
import { describe, expect, it } from "vitest";

import {
  changesOf,
  digestOf,
  type Rules,
  storedArguments,
} from "../../../../sdk/provider/engine/rules";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

interface Args {
  readonly names?: readonly string[];
  readonly keyType?: string;
  readonly token?: string;
  readonly timeout?: string;
  readonly existing?: string;
  readonly account?: { readonly url: string; readonly key: string };
}

const RULES: Rules<Args, "issue"> = {
  names: { change: "issue" },
  keyType: { change: "issue", default: "P256" },
  token: { change: "settings", stored: "digest" },
  timeout: { change: "settings" },
  existing: { change: "none", stored: "none" },
  account: { change: "issue", stored: ({ url }) => url },
};

const changed = (before: Args, after: Args): string[] =>
  changesOf(RULES, storedArguments(RULES, before), after).map(
    ({ argument, change }) => `${argument}: ${change}`,
  );

describe("what the state keeps of the arguments", () => {
  it("is the value, its digest, nothing, or what the rule makes of it", () => {
    const args = { names: ["a"], token: "t0ken", existing: "pem", account: { url: "u", key: "k" } };
    expect(storedArguments(RULES, args)).toEqual({
      names: ["a"],
      token: digestOf("t0ken"),
      account: "u",
    });
    expect(digestOf("t0ken")).toMatch(/^sha256:[\w-]{43}$/);
  });
});

describe("a change of arguments", () => {
  it("is none where nothing differs, a default is written out, or the order of keys is another", () => {
    expect(changed({}, { keyType: "P256" })).toEqual([]);
    expect(changed({ keyType: "P256" }, {})).toEqual([]);
    expect(changed({ token: "a" }, { token: "a" })).toEqual([]);
  });

  it("is named with what it leads to, in the order of the rules", () => {
    const before = { token: "a", names: ["a"], account: { url: "u", key: "k" } };
    const after = { token: "b", names: ["b"], timeout: "1h", account: { url: "u", key: "other" } };
    expect(changed(before, after)).toEqual([
      "names: issue",
      "token: settings",
      "timeout: settings",
    ]);
  });

  it("is seen when an argument is added or taken away", () => {
    expect(changed({ timeout: "1h" }, {})).toEqual(["timeout: settings"]);
    expect(changed({}, { names: [] })).toEqual(["names: issue"]);
  });

  it("is never seen of what the state does not keep", () => {
    expect(changed({ existing: "a" }, { existing: "b" })).toEqual([]);
  });

  it("may be one where the value is not known yet, but for settings", () => {
    expect(changed({ names: ["a"] }, { names: [UNKNOWN] })).toEqual(["names: issue"]);
    expect(changed({ token: "a" }, { token: UNKNOWN })).toEqual([]);
  });
});
