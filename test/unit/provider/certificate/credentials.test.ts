/** Credentials of DNS services and web hooks, as `check` takes them. */
import { describe, expect, it } from "vitest";

import { checkCertificate } from "../../../../sdk/provider/certificate/check";
import { inClear } from "../../../../sdk/provider/engine/wire";

const account = {
  directoryUrl: "https://ca.example/dir",
  accountUrl: "https://ca.example/a/1",
  accountKeyPem: "key",
};
const acmeDns = {
  url: "https://auth.example",
  username: "me",
  password: "word",
  subdomain: "s",
};

function check(solver: Record<string, unknown>) {
  return checkCertificate({ account, dnsNames: ["example.com"], solvers: [solver] });
}

function failuresOf(solver: Record<string, unknown>): string[] {
  return check(solver).failures.map(({ path, reason }) => `${path}: ${reason}`);
}

describe("a credential", () => {
  it.each([
    ["cloudflare", { apiToken: " token\n" }, { apiToken: "token" }],
    [
      "route53",
      { accessKeyId: "AKIA ", secretAccessKey: "\tse/cr+et", sessionToken: "session\r\n" },
      { accessKeyId: "AKIA", secretAccessKey: "se/cr+et", sessionToken: "session" },
    ],
    ["acmeDns", { ...acmeDns, username: "me\n", password: " word\n" }, acmeDns],
    [
      "rfc2136",
      { server: "ns", keyName: "k", keySecret: "AAAA\n" },
      { server: "ns", keyName: "k", keySecret: "AAAA" },
    ],
    [
      "webhook",
      { url: "https://hook.example", username: " a user", password: "two words\n" },
      { url: "https://hook.example", username: "a user", password: "two words" },
    ],
  ])("of %s loses the white space around it", (name, written, meant) => {
    const { inputs, failures } = check({ dns01: { [name]: written } });
    expect(failures).toEqual([]);
    expect(inClear(inputs["solvers"])).toMatchObject([{ dns01: { [name]: meant } }]);
  });

  it("in a list of providers, and of a web hook for http-01, loses it, too", () => {
    const webhook = { url: "https://hook.example", password: "word\n" };
    for (const solver of [{ dns01: [{ webhook }] }, { http01: { webhook } }]) {
      expect(JSON.stringify(inClear(check(solver).inputs))).toContain('"password":"word"');
    }
  });

  it("of a connection, and the environment of a program, stay as they are", () => {
    const connection = { host: "h", password: " word ", insecureIgnoreHostKey: true };
    const environment = { password: " word " };
    for (const solver of [
      { http01: { webroot: { path: "/x", connection } } },
      { dns01: { exec: { command: ["/hook"], environment } } },
    ]) {
      const { inputs, failures } = check(solver);
      expect(failures).toEqual([]);
      expect(JSON.stringify(inClear(inputs))).toContain('"password":" word "');
    }
  });

  it.each([
    ['"token"', "has quotes in it; give the value without them"],
    ["Bearer token", 'begins with "Bearer"; give the value alone'],
    ["to ken", "has white space or a line break in it; give the value alone"],
    ["to\nken", "has white space or a line break in it; give the value alone"],
    ["tok\u00e9n", "has characters in it that no header can hold"],
    [" \n", "is empty"],
  ])("that is %j is refused by the argument's name, and not shown", (apiToken, why) => {
    expect(failuresOf({ dns01: { cloudflare: { apiToken } } })).toEqual([
      `solvers[0].dns01.cloudflare.apiToken: ${why}`,
    ]);
  });

  it("of a web hook is any text of one line, without what stands before it in a header", () => {
    const refused = (password: string): string[] =>
      failuresOf({ http01: { webhook: { url: "https://hook.example", password } } });
    expect(refused('it\'s \u00e9asy: "two" words')).toEqual([]);
    expect(refused("")).toEqual([]);
    for (const word of ["two\nlines", '"quoted"', "Basic dTpw"]) {
      expect(refused(word)).toHaveLength(1);
      expect(refused(word).join()).not.toContain(word);
    }
  });
});

describe("the URL of a service", () => {
  const inClearText = "http://elsewhere.example";
  it.each([
    ["cloudflare", "apiUrl", { apiToken: "token" }],
    ["acmeDns", "url", acmeDns],
    ["route53", "endpoint", {}],
  ])("of %s is not plain http, which shows credentials to all on the way", (name, key, more) => {
    const refused = (url: string): string[] =>
      failuresOf({ dns01: { [name]: { ...more, [key]: url } } });
    expect(refused(inClearText)).toEqual([
      `solvers[0].dns01.${name}.${key}: must be an https URL (plain http only for a loopback host)`,
    ]);
    expect(refused("https://elsewhere.example")).toEqual([]);
    expect(refused("http://127.0.0.1:8080")).toEqual([]);
  });

  it.each(["http01", "dns01"])("of a web hook for %s is so where a password is sent", (kind) => {
    const refused = (webhook: Record<string, unknown>): string[] =>
      failuresOf({ [kind]: { webhook } });
    expect(refused({ url: inClearText, password: "word" })).toEqual([
      `solvers[0].${kind}.webhook: url must be https (plain http only for a loopback host), because the password is sent to it`,
    ]);
    expect(refused({ url: inClearText })).toEqual([]);
    expect(refused({ url: "http://localhost", password: "word" })).toEqual([]);
  });

  it.each([
    [{ http01: { webhook: { url: "https://u:hunter2@hook.example/" } } }, "username and password"],
    [{ dns01: { webhook: { url: "https://hunter2@hook.example/" } } }, "username and password"],
    [
      { dns01: { acmeDns: { ...acmeDns, url: "https://u:hunter2@auth.example" } } },
      "username and password",
    ],
    [
      { dns01: { route53: { endpoint: "https://u:hunter2@aws.example" } } },
      "accessKeyId and secretAccessKey",
    ],
  ])("holds no password, which would be shown and stored in clear: %j", (solver, instead) => {
    expect(failuresOf(solver)).toEqual([
      expect.stringContaining(`must not have a user name or password in it; give ${instead}`),
    ]);
    expect(failuresOf(solver).join()).not.toContain("hunter2");
  });
});
