/** What CAA records allow. */
import { describe, expect, it } from "vitest";

import { type CaaRequest, forbiddenBy } from "../../../sdk/dns/caa-records";

const accountUrl = "https://ca.example/acct/1";
const request: CaaRequest = {
  caaIdentities: ["ca.example", "old.ca.example"],
  accountUrl,
  method: "dns-01",
  wildcard: false,
};
const issue = (value: string, tag = "issue", critical = false) => ({ critical, tag, value });

describe("CAA records", () => {
  it.each([
    ["none at all", []],
    ["nothing about issuance", [issue("mailto:x@example.com", "iodef")]],
    ["the CA", [issue("ca.example")]],
    ["the CA, in capitals", [issue("CA.Example")]],
    ["the CA by another of its names", [issue("old.ca.example")]],
    ["another CA, and this one", [issue("other.example"), issue("ca.example")]],
    ["the account", [issue(`ca.example; accounturi=${accountUrl}`)]],
    ["the account, with odd spaces", [issue(` ca.example ;AccountURI = ${accountUrl} `)]],
    ["the challenge type", [issue("ca.example; validationmethods=http-01,dns-01")]],
    ["what this does not know", [issue("ca.example; policy=ev")]],
    [
      "wildcards of another CA, which is not asked for",
      [issue("ca.example"), issue("other.example", "issuewild")],
    ],
    ["something critical that is known", [issue("ca.example", "issue", true)]],
  ])("that name %s allow it", (_what, properties) => {
    expect(forbiddenBy(properties, request)).toBeUndefined();
  });

  it.each([
    ["nobody", [issue(";")], /issue ";": none of them names ca\.example or old\.ca\.example$/],
    [
      "another CA",
      [issue("other.example")],
      /it allows only issue "other\.example": none of them names/,
    ],
    [
      "another account",
      [issue("other.example"), issue("ca.example; accounturi=https://ca.example/acct/2")],
      /: this account is https:\/\/ca\.example\/acct\/1$/,
    ],
    [
      "two accounts in one record (RFC 8657 §3)",
      [issue(`ca.example; accounturi=${accountUrl}; accounturi=${accountUrl}`)],
      /several accounts in one record$/,
    ],
    [
      "another challenge type",
      [issue("ca.example; validationmethods=http-01")],
      /: this name is to be proven by dns-01$/,
    ],
    ["no challenge type", [issue("ca.example; validationmethods=")], /to be proven by dns-01$/],
    ["what cannot be read", [issue("ca.example; accounturi")], /none of them names/],
    ["something critical that is not known", [issue("x", "tbs", true)], /critical property "tbs"/],
  ])("that name %s forbid it, and say why", (_what, properties, words) => {
    expect(forbiddenBy(properties, request)).toMatch(words);
  });

  it("have a tag of their own for wildcards, which takes the place of the other (RFC 8659 §4.3)", () => {
    const wild = { ...request, wildcard: true };
    expect(forbiddenBy([issue("ca.example"), issue(";", "issuewild")], wild)).toMatch(
      /issuewild ";"/,
    );
    expect(forbiddenBy([issue(";"), issue("ca.example", "issuewild")], wild)).toBeUndefined();
    expect(forbiddenBy([issue("ca.example")], wild)).toBeUndefined();
    expect(forbiddenBy([issue("ca.example"), issue(";", "issuewild")], request)).toBeUndefined();
  });
});
