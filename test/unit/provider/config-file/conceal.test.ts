/** What a service says of a configuration that holds a secret. */
import { describe, expect, it } from "vitest";

import { conceal } from "../../../../sdk/provider/config-file/conceal";

const TEXT = 'userlist admins\n  user admin plain "Tr0ub4dor&3"\n';

describe("a service's words about a secret configuration", () => {
  it.each([
    ["unknown keyword 'tr0ub4DOR&3' in line 2", "unknown keyword '[secret]' in line 2"],
    ["near `ub4dor`", "near `[secret]`"],
    ["'Tr0ub4dor\\&3'", "'[secret]\\&3'"],
    ["nothing of it", "nothing of it"],
    ["superusers and Tr0ub4dor&30", "superusers and [secret]0"],
    ["", ""],
  ])("%j are shown as %j", (words, shown) => {
    expect(conceal(words, TEXT, [])).toBe(shown);
  });

  it("keep the names that are known to be none", () => {
    const path = "/etc/haproxy/admins.cfg";
    const text = `${TEXT}# ${path}\n`;
    expect(conceal(`parsing [${path}:2]: admins`, text, [path])).toBe(
      `parsing [${path}:2]: [secret]`,
    );
  });

  it("keep such a name also where the secret goes on with it", () => {
    const name = "the reload of exim failed";
    expect(conceal(`admins ${name} plain`, `admins the reload ${TEXT}`, [name])).toBe(
      `[secret] ${name} [secret]`,
    );
  });

  it("keep their length where letters change theirs in lower case", () => {
    expect(conceal("İİ: password", "password", [])).toBe("İİ: [secret]");
  });
});
