/** Certificates that would be due for renewal as soon as they are issued: each run would renew the last one's. */
import { describe, expect, it } from "vitest";

import { issuedAtIfDue, renewAt, withoutEndlessWindow } from "../../../../sdk/provider/renewal/due";
import { instant } from "../../../../sdk/util/instant";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-06-01T12:00:00Z");

/** Valid from so long before to so long after now. */
function valid(before: number, after: number) {
  const [notBefore, notAfter] = [instant(NOW - before), instant(NOW + after)];
  return { notBefore, notAfter, fingerprintSha256: "00" };
}

describe("the time of issue counts in place of notBefore", () => {
  it.each([
    ["that begins half a century before", valid(20_000 * DAY, 90 * DAY), 60 * DAY],
    ["that has expired before it was issued", valid(90 * DAY, -DAY), 2 * DAY],
  ])("for a certificate %s", (_, certificate, wait) => {
    const issuedAt = issuedAtIfDue(certificate, {}, NOW);
    expect(issuedAt).toBe(instant(NOW));
    const at = renewAt({ ...certificate, issuedAt }, {}, undefined);
    expect(Date.parse(at) - NOW).toBeCloseTo(wait, -4);
  });

  it.each([
    ["that is not due", valid(HOUR, 90 * DAY)],
    ["that is dated back by an hour, and lives for minutes", valid(HOUR, HOUR / 4)],
    ["that is dated back by a day, and is not due", valid(DAY, 89 * DAY)],
  ])("but not for one %s", (_, certificate) => {
    expect(issuedAtIfDue(certificate, {}, NOW)).toBeUndefined();
  });
});

it("A window that has the next certificate renewed at once is left out, for two days", () => {
  const certificate = valid(HOUR, 90 * DAY);
  const window = (start: number, end: number) => ({
    renewalInfo: {
      certId: "id",
      windowStart: instant(NOW + start),
      windowEnd: instant(NOW + end),
      checkedAt: instant(NOW),
      nextCheckAt: instant(NOW + 6 * HOUR),
    },
  });
  const usual = window(58 * DAY, 60 * DAY);
  expect(withoutEndlessWindow(certificate, {}, usual, NOW)).toBe(usual);
  expect(withoutEndlessWindow(certificate, {}, window(-2 * DAY, -DAY), NOW)).toEqual({
    askAgainAt: instant(NOW + 2 * DAY),
  });
});
