/** Which authorization of an order is for which of its names. */
import { describe, expect, test } from "vitest";
import { AcmeProtocolError, wantedIdentifier, type AcmeIdentifier } from "../../../sdk/acme";
import { parseAuthorization } from "../../../sdk/acme/authorization-object";
import { matchNames } from "../../../sdk/acme/order-authorizations";

const TOKEN = "a".repeat(43);

interface Shown {
  value: string;
  type?: string;
  wildcard?: boolean;
  challenges?: string[];
}

/** An authorization as a CA shows it. */
function shown({ value, type = "dns", wildcard, challenges = ["dns-01"] }: Shown) {
  const url = "https://ca.example/authz/1";
  return parseAuthorization(url, url, {
    status: "pending",
    identifier: { type, value },
    wildcard,
    challenges: challenges.map((challenge) => ({
      type: challenge,
      url: `${url}/${challenge}`,
      token: TOKEN,
    })),
  });
}

function match(ordered: readonly AcmeIdentifier[], found: Shown[], status = "pending"): string[] {
  const order = {
    url: "https://ca.example/order/1",
    status: status as "pending",
    identifiers: ordered,
  };
  return matchNames({ ...order, identifiers: [...ordered] }, found.map(shown))
    .map((one) => `${wantedIdentifier(one).value} ${one.challenges.map(({ type }) => type).join()}`)
    .sort();
}

const names = (...values: string[]): AcmeIdentifier[] =>
  values.map((value) => ({ type: "dns", value }));

describe("the authorizations of an order", () => {
  test.each([
    ["as RFC 8555 §7.1.4 has it", { value: "a.example", wildcard: true }],
    ["with the star in its name", { value: "*.a.example", wildcard: true }],
    ["with the star, and without the flag", { value: "*.a.example" }],
    ["without the flag", { value: "a.example" }],
    ["with the flag false", { value: "a.example", wildcard: false }],
    ["in capitals", { value: "A.Example" }],
  ])("may show a wildcard %s (letsencrypt/boulder#3573)", (_, authorization) => {
    expect(match(names("*.a.example"), [authorization])).toEqual(["*.a.example dns-01"]);
  });

  test.each([
    ["with the flag", { value: "a.example", wildcard: true }],
    ["without the flag", { value: "a.example" }],
    ["with the star", { value: "*.a.example" }],
  ])("tell a name from its wildcard, which is shown %s", (_, wildcard) => {
    const apex = { value: "a.example", challenges: ["http-01", "dns-01"] };
    for (const found of [
      [apex, wildcard],
      [wildcard, apex],
    ]) {
      expect(match(names("a.example", "*.a.example"), found)).toEqual([
        "*.a.example dns-01",
        "a.example http-01,dns-01",
      ]);
    }
  });

  test("may be for addresses, however IPv6 is written", () => {
    const found = [{ type: "ip", value: "2001:DB8:0:0:0:0:0:1" }];
    expect(match([{ type: "ip", value: "2001:db8::1" }], found)).toHaveLength(1);
  });

  test.each([
    ["another name", { value: "evil.example" }],
    ["a name below", { value: "b.a.example" }],
    ["a name above", { value: "example" }],
    ["the wildcard of a name", { value: "a.example", wildcard: true }],
    ["an argument for a hook", { value: "--evil;$(id)" }],
    ["an address of that text", { type: "ip", value: "a.example" }],
  ])("must not be for %s that was not ordered", (_, foreign) => {
    expect(() => match(names("a.example"), [{ value: "a.example" }, foreign])).toThrow(
      AcmeProtocolError,
    );
    expect(() => match(names("a.example"), [{ value: "a.example" }, foreign])).toThrow(
      /order\/1 \(a\.example\): the CA wants a proof of \S+, which was not ordered/,
    );
  });

  test("must be for every name, unless the order is ready", () => {
    const ordered = names("a.example", "*.a.example", "b.example");
    expect(() => match(ordered, [{ value: "a.example" }])).toThrow(
      "the CA lists no authorization for *.a.example, b.example",
    );
    expect(match(ordered, [{ value: "a.example" }], "ready")).toHaveLength(1);
  });
});
