import { expect, test } from "vitest";
import { linkTargets } from "../../../sdk/acme/links";

test.each([
  ["one", '<https://ca/1>;rel="alternate"', ["https://ca/1"]],
  ["unquoted", "<https://ca/1>; rel=alternate", ["https://ca/1"]],
  [
    "several in one header",
    '<https://ca/d>;rel="index", </1>;rel="alternate",</2>;rel=alternate',
    ["/1", "/2"],
  ],
  ["a comma in the target", '<https://ca/1,2;3>;rel="alternate"', ["https://ca/1,2;3"]],
  ["several relations", '<https://ca/1>;rel="up Alternate"', ["https://ca/1"]],
  [
    "other parameters with commas",
    '<https://ca/1>; title="a, b; rel=up"; rel=alternate',
    ["https://ca/1"],
  ],
  ["only the first rel", "<https://ca/1>; rel=up; rel=alternate", []],
  ["part of a word", '<https://ca/1>; rel="alternates"', []],
  ["broken", "<https://ca/1; rel=alternate", []],
  ["empty", "", []],
])("links with %s are read (D-5, RFC 8288)", (_, header, expected) => {
  expect(linkTargets(header, "alternate")).toEqual(expected);
});

test("a header of 16 kB of nonsense takes no time", () => {
  const start = performance.now();
  linkTargets(`<x>${";a=".repeat(5000)}"`, "alternate");
  linkTargets(`<x>${" ; a ".repeat(3000)}!`, "alternate");
  linkTargets("<".repeat(16_000), "alternate");
  expect(performance.now() - start).toBeLessThan(1000);
});
