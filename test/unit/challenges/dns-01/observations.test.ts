/** When what name servers say is enough. */
import { describe, expect, it } from "vitest";

import {
  describeMissing,
  judge,
  type Said,
  type Sighting,
} from "../../../../sdk/challenges/dns-01/observations";

function sighting(
  server: string,
  said: Said,
  family: 4 | 6 = 4,
  record = "_acme-challenge.a",
): Sighting {
  return { record, value: "v", server, family, said };
}
const silent = { silent: "" };
const unreachable = { unreachable: "" };

describe("a look at name servers", () => {
  it("is done when all of them have the record", () => {
    expect(judge([sighting("a", "present"), sighting("b", "present", 6)], 1)).toEqual({
      done: true,
      missing: [],
    });
  });

  it.each<[string, Said]>([
    ["does not have it", "absent"],
    ["fails", { rcode: "SERVFAIL" }],
    ["is silent", silent],
    ["cannot be reached", unreachable],
  ])("is not done while one of them %s", (_what, said) => {
    const sightings = [sighting("a", "present"), sighting("b", said)];
    expect(judge(sightings, 100)).toEqual({ done: false, missing: [sightings[1]] });
  });

  it("leaves out a family without a way to it at once, one that is silent after a while", () => {
    const v4 = sighting("a", "present");
    expect(judge([v4, sighting("a6", unreachable, 6)], 1)).toMatchObject({ done: true });
    expect(judge([v4, sighting("a6", silent, 6)], 2)).toMatchObject({ done: false });
    expect(judge([v4, sighting("a6", silent, 6)], 3)).toMatchObject({
      done: true,
      remark: "no name server answers over IPv6 from here; only the others were looked at",
    });
    expect(judge([sighting("a", unreachable), sighting("a6", "present", 6)], 1).done).toBe(true);
  });

  it("waits for a server over IPv6 where another one answers over IPv6", () => {
    const sightings = [
      sighting("a", "present"),
      sighting("a6", "present", 6),
      sighting("b6", silent, 6),
    ];
    expect(judge(sightings, 100).done).toBe(false);
  });

  it("is never done for a record that nobody could be asked for", () => {
    const sightings = [
      sighting("a", "present"),
      sighting("b6", unreachable, 6, "_acme-challenge.b"),
    ];
    expect(judge(sightings, 100).done).toBe(false);
  });

  it("is described once per server and answer, and not without end", () => {
    const names = ["a", "b", "c", "d"];
    expect(
      describeMissing([
        ...names.map((name) => sighting("ns1", "absent", 4, name)),
        sighting("ns2", silent, 4, "a"),
        sighting("ns2", { rcode: "REFUSED" }, 4, "b"),
        sighting("ns3", unreachable, 6, "a"),
      ]),
    ).toBe(
      "ns1 does not have 4 records yet; ns2 does not answer for a; ns2 answers REFUSED for b; ns3 cannot be reached from here for a",
    );
    const many = Array.from({ length: 20 }, (_, i) => sighting(`ns${String(i)}`, silent));
    expect(describeMissing(many)).toMatch(/; and 12 more$/);
  });
});
