import { expect, it } from "vitest";

import { readText } from "../../../sdk/util/body";

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text, "latin1"));
}

it("a character that is cut by a chunk is whole again", async () => {
  expect(await readText(chunks("caf\u00c3", "\u00a9"), 100)).toBe("café");
});

it("a body may be as long as the limit, and not longer", async () => {
  expect(await readText(chunks("ab", "cd"), 4)).toBe("abcd");
  expect(await readText(chunks("ab", "cd", "e"), 4)).toBeUndefined();
});

it("no body is empty", async () => {
  expect(await readText(null, 4)).toBe("");
});
