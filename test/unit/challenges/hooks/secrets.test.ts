/** What is shown of a hook's output. */
import { describe, expect, it } from "vitest";

import { withoutSecrets } from "../../../../sdk/challenges/hooks/secrets";

const shown = (text: string, environment: Record<string, string>, inherited = {}): string =>
  withoutSecrets(text, environment, inherited);

describe("secrets of a hook's environment", () => {
  it.each([
    ["as they are", "token very-secret-token.", "token [secret]."],
    ["without the line break at their end", "very-secret-token\n", "[secret]\n"],
  ])("are not shown %s", (_how, text, expected) => {
    expect(shown(text, { API_TOKEN: "very-secret-token\n" })).toBe(expected);
  });

  it("are not shown when they are short", () => {
    expect(shown("pin 1234, word abc", { PIN: "1234", WORD: "abc" })).toBe(
      "pin [secret], word [secret]",
    );
  });

  it("are not shown as base64, alone or behind a name of any length", () => {
    const password = "pass:word+1?>>~";
    for (const user of ["", "u:", "us:", "use:", "user:"]) {
      for (const encoding of ["base64", "base64url"] as const) {
        const header = Buffer.from(`${user}${password}`).toString(encoding);
        const left = shown(`Authorization: Basic ${header}`, { API_PASSWORD: password });
        expect(left).toContain("[secret]");
        const rest = left.replace("Authorization: Basic ", "").replace("[secret]", "");
        // What is left of it is the name, and parts of one character at each end.
        expect(rest.length).toBeLessThanOrEqual(Math.ceil((user.length * 4) / 3) + 4);
      }
    }
  });

  it("are not shown in URLs and in JSON", () => {
    const environment = { SECRET: 'a b/c"d' };
    expect(shown(`?key=${encodeURIComponent('a b/c"d')}`, environment)).toBe("?key=[secret]");
    expect(shown("?key=a+b%2Fc%22d", environment)).toBe("?key=[secret]");
    expect(shown(JSON.stringify({ key: 'a b/c"d' }), environment)).toBe('{"key":"[secret]"}');
  });

  it("are not shown line by line", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----\n";
    expect(shown("read MC4CAQAwBQYDK2VwBCIEIA of it", { KEY: key })).toBe("read [secret] of it");
  });

  it("are replaced whole where one holds another", () => {
    expect(shown("abcdef-long", { A: "abcdef", B: "abcdef-long" })).toBe("[secret]");
  });
});

describe("variables of this process", () => {
  it("are not shown where their names sound secret, which says nothing of a place", () => {
    const inherited = {
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI",
      SSH_AUTH_SOCK: "/tmp/ssh-agent",
      HOME: "/home/me",
    };
    const text = Object.entries(inherited)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ");
    expect(shown(text, {}, inherited)).toBe(
      "PULUMI_CONFIG_PASSPHRASE=[secret] AWS_SECRET_ACCESS_KEY=[secret] SSH_AUTH_SOCK=/tmp/ssh-agent HOME=/home/me",
    );
  });

  it("are not taken for secrets when they are short, nor what certbot's variables hold", () => {
    expect(shown("1 a.example", { CERTBOT_DOMAIN: "a.example" }, { USE_KEYS: "1" })).toBe(
      "1 a.example",
    );
  });
});
