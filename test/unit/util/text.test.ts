import { describe, expect, it } from "vitest";

import { isPrintable, printable, singleLine } from "../../../sdk/util/text";

const CONTROLS = ["\u0000", "\t", "\r", "\u001b", "\u007f", "\u0085", "\u009b", "\u2028", "\u2029"];
const UNSEEN = [
  "\u00ad",
  "\u061c",
  "\u200b",
  "\u200d",
  "\u200e",
  "\u200f",
  "\u202a",
  "\u202e",
  "\u2060",
  "\u2066",
  "\u2069",
  "\ufeff",
  "\u{e0041}",
];

describe("text from outside", () => {
  it.each(CONTROLS)("has a blank for %j", (character) => {
    expect(printable(`a${character}b`)).toBe("a b");
    expect(singleLine(`a${character}b`)).toBe("a b");
    expect(isPrintable(`a${character}b`)).toBe(false);
  });

  it.each(UNSEEN)("shows the code point of %j", (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    expect(printable(`a${character}b`)).toBe(`a<U+${code}>b`);
    expect(singleLine(`a${character}b`)).toBe(`a<U+${code}>b`);
    expect(isPrintable(`a${character}b`)).toBe(false);
  });

  it("keeps its line feeds, unless it shall be one line", () => {
    expect(printable("a\r\n\tb\n\nc")).toBe("a \n b\n\nc");
    expect(singleLine("a\r\n\tb\n\nc\n")).toBe("a b c");
    expect(isPrintable("a\nb")).toBe(false);
  });

  it("stays as it is where all of it is seen", () => {
    const text = "Zertifikat für bücher.example — 例え.テスト <U+202E> 🙂";
    expect(printable(text)).toBe(text);
    expect(singleLine(text)).toBe(text);
    expect(isPrintable(text)).toBe(true);
  });
});
