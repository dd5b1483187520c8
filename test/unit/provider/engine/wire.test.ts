import { describe, expect, it } from "vitest";

import {
  hasUnknown,
  inClear,
  markSecrets,
  sameData,
  secret,
  toWire,
} from "../../../../sdk/provider/engine/wire";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("what crosses the wire", () => {
  it("has no undefined", () => {
    expect(toWire({ a: 1, b: undefined, c: [{ d: undefined }] })).toEqual({ a: 1, c: [{}] });
    expect(Object.keys(toWire({ b: undefined }) as object)).toEqual([]);
  });

  it.each([
    ["a Date", new Date(), "x.y"],
    ["a Buffer", Buffer.from("x"), "x.y"],
    ["NaN", Number.NaN, "x.y"],
    ["a Map", new Map(), "x.y"],
  ])("is never %s: the engine would lose it silently", (_what, value, path) => {
    expect(() => toWire({ x: { y: value } })).toThrow(path);
  });

  it("marks secrets by their names, at any depth, once", () => {
    const names = new Set(["password"]);
    expect(markSecrets({ a: [{ password: "p", user: "u" }] }, names)).toEqual({
      a: [{ password: secret("p"), user: "u" }],
    });
  });

  it("has no wrappers where it is handed back", () => {
    const marked = { a: [secret({ password: secret("p") })], b: UNKNOWN };
    expect(inClear(marked)).toEqual({ a: [{ password: "p" }], b: UNKNOWN });
  });

  it("leaves alone a secret that is not known yet", () => {
    expect(markSecrets({ password: UNKNOWN }, new Set(["password"]))).toEqual({
      password: UNKNOWN,
    });
  });
});

describe("comparing data", () => {
  it("does not see the order of keys, nor undefined", () => {
    expect(
      sameData({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1, e: undefined }),
    ).toBe(true);
  });

  it("sees the order of lists, and values", () => {
    expect(sameData([1, 2], [2, 1])).toBe(false);
    expect(sameData({ a: 1 }, { a: "1" })).toBe(false);
  });

  it("finds an unknown anywhere", () => {
    expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
    expect(hasUnknown({ a: [{ b: "known" }] })).toBe(false);
  });
});
