/** Answers of a service that many certificates share. */
import { expect, it } from "vitest";

import { Remembered } from "../../../../sdk/challenges/dns-01/remembered";

const { signal } = new AbortController();

it("an answer is shared, unless who asks wants one that was asked for later", async () => {
  const known = new Remembered<number>("test");
  let asked = 0;
  const ask = (): Promise<number> => Promise.resolve(++asked);
  const began = performance.now();
  expect(await known.get("question", signal, ask)).toBe(1);
  expect(await known.get("question", signal, ask)).toBe(1);
  expect(await known.get("question", signal, ask, began)).toBe(1);
  expect(await known.get("question", signal, ask, performance.now())).toBe(2);
});

it("an answer under way does not count as new: it may have been made before", async () => {
  const known = new Remembered<string>("test");
  let answer!: (value: string) => void;
  const early = known.get("question", signal, () => new Promise((resolve) => (answer = resolve)));
  await new Promise(setImmediate);
  const began = performance.now();
  const late = known.get("question", signal, () => Promise.resolve("new"), began);
  await new Promise(setImmediate);
  answer("old");
  expect(await early).toBe("old");
  expect(await late).toBe("new");
});
