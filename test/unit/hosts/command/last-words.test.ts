import { describe, expect, it } from "vitest";

import { lastWords } from "../../../../sdk/hosts/command/last-words";

describe("what a test or reload command said, in an error", () => {
  it("is on one line", () => {
    expect(lastWords("nginx: [emerg] no\nnginx: test failed\n")).toBe(
      "nginx: [emerg] no nginx: test failed",
    );
  });

  it("is the end of it where there is too much: the last lines say why", () => {
    const words = lastWords(`${"checking\n".repeat(500)}the key does not fit`);
    expect(words).toMatch(/^….*the key does not fit$/);
    expect(words.length).toBeLessThan(700);
  });

  it("has one sign for bytes that are no text, however many", () => {
    const binary = Buffer.concat([Buffer.alloc(300, 0xfe), Buffer.alloc(300), Buffer.from([0x1b])]);
    const said = `before ${binary.toString("utf8")}\n${binary.toString("utf8")} after`;
    expect(lastWords(said)).toBe("before \ufffd after");
  });

  it("is found without going back over the text again and again", () => {
    for (const sign of ["\ufffd", " ", "\0", "\n", "\ufffd  "])
      expect(lastWords(sign.repeat(300_000)).length).toBeLessThan(700);
  });
});
