import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  nextAttempt,
  renewalInstant,
  renewalMargin,
  toleratedSpan,
} from "../../../sdk/issuance/renewal";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const days = (count: number) => ({ notBefore: 0, notAfter: count * DAY });

describe("when a certificate is renewed by its lifetime", () => {
  it.each([
    [90, 30],
    [64, 64 / 3],
    [45, 15],
    [10, 10 / 3],
  ])("a third of %i days is left", (lifetime, left) => {
    expect(renewalMargin(days(lifetime), undefined).ms).toBeCloseTo(left * DAY);
  });

  it("half is left of a lifetime below ten days", () => {
    expect(renewalMargin({ notBefore: 0, notAfter: 160 * HOUR }, undefined).ms).toBe(80 * HOUR);
  });

  it("a duration and a share of the lifetime can be written", () => {
    expect(renewalMargin(days(90), "20d").ms).toBe(20 * DAY);
    expect(renewalMargin(days(90), "50%").ms).toBe(45 * DAY);
  });

  it("a margin as long as the lifetime becomes half of it, with a warning, instead of a renewal in every run", () => {
    const margin = renewalMargin({ notBefore: 0, notAfter: 160 * HOUR }, "30d");
    expect(margin.ms).toBe(80 * HOUR);
    expect(margin.warning).toContain('renewBefore "30d"');
    expect(renewalMargin(days(6), "100%").ms).toBe(3 * DAY);
  });
});

describe("when the CA suggests a window (RFC 9773)", () => {
  const window = { start: 58 * DAY, end: 62 * DAY };

  it("the instant lies inside and depends on the certificate alone", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const chosen = renewalInstant(days(90), undefined, window, seed);
        expect(chosen).toBeGreaterThanOrEqual(window.start);
        expect(chosen).toBeLessThanOrEqual(window.end);
        expect(renewalInstant(days(90), undefined, window, seed)).toBe(chosen);
      }),
    );
  });

  it("neighbours are spread over it", () => {
    const instants = Array.from({ length: 50 }, (_, index) =>
      renewalInstant(days(90), undefined, window, `certificate ${String(index)}`),
    );
    expect(Math.max(...instants) - Math.min(...instants)).toBeGreaterThan(2 * DAY);
  });

  it("it is never later than what the user wrote", () => {
    expect(renewalInstant(days(90), "40d", window, "x")).toBe(50 * DAY);
  });

  it("it is never later than a sixth of the lifetime before the end", () => {
    const absurd = { start: 7300 * DAY, end: 7301 * DAY };
    expect(renewalInstant(days(90), undefined, absurd, "x")).toBe(75 * DAY);
  });

  it("a window in the past means now: that is how a CA announces a revocation", () => {
    expect(renewalInstant(days(90), undefined, { start: -2 * DAY, end: -DAY }, "x")).toBeLessThan(
      0,
    );
  });
});

describe("a renewal that failed", () => {
  it("is tolerated until half of the margin is left, or what the user wrote", () => {
    expect(toleratedSpan(days(90), undefined, undefined)).toBe(15 * DAY);
    expect(toleratedSpan(days(90), "20d", undefined)).toBe(10 * DAY);
    expect(toleratedSpan(days(90), undefined, "7d")).toBe(7 * DAY);
    expect(toleratedSpan(days(90), undefined, "10%")).toBe(9 * DAY);
  });

  it.each([
    [1, 1],
    [2, 10],
    [3, 100],
    [4, 1440],
    [500, 1440],
  ])("after %i failures waits %i minutes", (failures, minutes) => {
    expect(nextAttempt(0, failures, undefined)).toBe(minutes * 60_000);
  });

  it("waits as long as the CA asked, within a week", () => {
    expect(nextAttempt(0, 1, 3 * HOUR)).toBe(3 * HOUR);
    expect(nextAttempt(0, 1, 9000 * DAY)).toBe(7 * DAY);
  });
});
