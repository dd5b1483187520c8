/** Instants as text, and as a Retry-After header names them. */
import { describe, expect, it } from "vitest";
import { instant } from "../../../sdk/util/instant";
import { parseRetryAfter } from "../../../sdk/util/retry-after";

const NOW = Date.UTC(2026, 0, 1);

describe("an instant", () => {
  it("is RFC 3339 in UTC, to the second", () => {
    expect(instant(NOW + 1234)).toBe("2026-01-01T00:00:01Z");
    expect(instant(new Date(NOW))).toBe("2026-01-01T00:00:00Z");
  });

  it.each([
    [Number.NaN, "1970-01-01T00:00:00Z"],
    [new Date("nonsense"), "1970-01-01T00:00:00Z"],
    [-1e300, "1970-01-01T00:00:00Z"],
    [8.64e15, "9999-12-31T23:59:59Z"],
    [Number.POSITIVE_INFINITY, "9999-12-31T23:59:59Z"],
  ])("of %s is written all the same", (time, text) => {
    expect(instant(time)).toBe(text);
  });
});

describe("Retry-After", () => {
  it.each([
    ["Fri, 31 Dec 275759 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"],
    ["Fri, 31 Dec 275759 23:59:59 GMT", null],
    ["9".repeat(400), null],
  ])("of %s with Date: %s is an instant that can be written", (retryAfter, date) => {
    const at = parseRetryAfter(retryAfter, date, NOW) ?? Number.NaN;
    expect(() => new Date(at).toISOString()).not.toThrow();
    expect(instant(at)).toBe("9999-12-31T23:59:59Z");
  });
});
