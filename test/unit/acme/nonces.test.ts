import { describe, expect, test } from "vitest";
import { createNoncePool, validNonce } from "../../../sdk/acme/nonces";

/** A pool that holds these, the last being the newest. */
function poolOf(...values: string[]) {
  const clock = { now: 0 };
  const pool = createNoncePool(3, () => clock.now);
  const put = (value: string): void => {
    pool.put(pool.receive(value));
  };
  values.forEach(put);
  const rest = (): string[] => {
    const all: string[] = [];
    for (let next = pool.take(); next !== undefined; next = pool.take()) all.push(next.value);
    return all;
  };
  return { pool, put, rest, clock };
}

describe("the nonce pool", () => {
  test("gives the newest first, and each once", () => {
    expect(poolOf("a", "b").rest()).toEqual(["b", "a"]);
  });

  test("keeps no more than its limit, the newest", () => {
    expect(poolOf("a", "b", "c", "d").rest()).toEqual(["d", "c", "b"]);
  });

  test("drops what is older than five minutes", () => {
    const { put, rest, clock } = poolOf("old");
    clock.now = 200_000;
    put("young");
    clock.now = 301_000;
    expect(rest()).toEqual(["young"]);
  });

  test("drops after a badNonce what came before the refused one, and nothing later", () => {
    const { pool, put, rest } = poolOf("a", "b", "c");
    const refused = pool.take();
    put("d");
    if (refused !== undefined) pool.refused(refused);
    expect(refused?.value).toBe("c");
    expect(rest()).toEqual(["d"]);
  });
});

test.each([
  ["oFvnlFP1wIhRlYS2jTaXbA", "oFvnlFP1wIhRlYS2jTaXbA"],
  [" with-space-around ", "with-space-around"],
  ["", undefined],
  [null, undefined],
  ["padded=", undefined],
  ["a b", undefined],
  ["a+b/c", undefined],
  ["a".repeat(1025), undefined],
])("the header %j holds the nonce %s", (header, expected) => {
  expect(validNonce(header)).toBe(expected);
});
