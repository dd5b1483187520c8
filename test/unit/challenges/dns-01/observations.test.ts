/** When what name servers say is enough. */
import { describe, expect, it } from "vitest";

import {
  adviceFor,
  describeMissing,
  evaluate,
  type Answer,
  type Observation,
} from "../../../../sdk/challenges/dns-01/observations";

function observation(
  server: string,
  answer: Answer,
  family: 4 | 6 = 4,
  record = "_acme-challenge.a",
): Observation {
  return { record, value: "v", server, family, answer };
}
const silent = { silent: "does not answer over UDP within 2 s" };
const unreachable = { unreachable: "cannot be reached from here" };

describe("a look at name servers", () => {
  it("is done when all of them have the record", () => {
    expect(evaluate([observation("a", "present"), observation("b", "present", 6)], 1)).toEqual({
      done: true,
      missing: [],
    });
  });

  it.each<[string, Answer]>([
    ["does not have it", "absent"],
    ["fails", { rcode: "SERVFAIL" }],
    ["is silent", silent],
    ["cannot be reached", unreachable],
  ])("is not done while one of them %s", (_what, answer) => {
    const observations = [observation("a", "present"), observation("b", answer)];
    expect(evaluate(observations, 100)).toEqual({ done: false, missing: [observations[1]] });
  });

  it("leaves out a family without a way to it at once, one that is silent after a while", () => {
    const v4 = observation("a", "present");
    expect(evaluate([v4, observation("a6", unreachable, 6)], 1)).toMatchObject({ done: true });
    expect(evaluate([v4, observation("a6", silent, 6)], 2)).toMatchObject({ done: false });
    expect(evaluate([v4, observation("a6", silent, 6)], 3)).toMatchObject({
      done: true,
      remark: "no name server answers over IPv6 from here; only the others were checked",
    });
    expect(evaluate([observation("a", unreachable), observation("a6", "present", 6)], 1).done).toBe(
      true,
    );
  });

  it("waits for a server over IPv6 where another one answers over IPv6", () => {
    const observations = [
      observation("a", "present"),
      observation("a6", "present", 6),
      observation("b6", silent, 6),
    ];
    expect(evaluate(observations, 100).done).toBe(false);
  });

  it("is never done for a record that nobody could be asked for", () => {
    const observations = [
      observation("a", "present"),
      observation("b6", unreachable, 6, "_acme-challenge.b"),
    ];
    expect(evaluate(observations, 100).done).toBe(false);
  });

  it("is described once per server and answer, and not without end", () => {
    const names = ["a", "b", "c", "d"];
    expect(
      describeMissing([
        ...names.map((name) => observation("ns1", "absent", 4, name)),
        observation("ns2", silent, 4, "a"),
        observation("ns2", { rcode: "REFUSED" }, 4, "b"),
        observation("ns3", unreachable, 6, "a"),
      ]),
    ).toBe(
      "ns1 does not have 4 records yet; ns2 does not answer over UDP within 2 s, asked for a; ns2 answers REFUSED for b; ns3 cannot be reached from here, asked for a",
    );
    const many = Array.from({ length: 20 }, (_, i) => observation(`ns${String(i)}`, silent));
    expect(describeMissing(many)).toMatch(/; and 12 more$/);
  });
});

describe("the advice after a wait in vain", () => {
  const absent = [observation("a", "absent")];
  const refused = [observation("a", { rcode: "REFUSED" })];
  const denied = [observation("a", { deniedFor: 60 })];

  it("names resolvers for split DNS, and others to ask only where name servers do not answer", () => {
    expect(adviceFor(absent, {})).toBe(
      "propagation: timeout waits longer; resolvers names the servers that know the zone, as with split DNS",
    );
    expect(adviceFor(refused, {})).toBe(
      'propagation: timeout waits longer; check: "resolvers" asks resolvers instead, where a firewall blocks questions to name servers; resolvers names the servers that know the zone, as with split DNS; check: "none" asks nobody',
    );
  });

  it("never names a setting that is in use", () => {
    const settings = { check: "resolvers", resolvers: ["192.0.2.1"] } as const;
    expect(adviceFor(refused, settings)).toBe(
      'propagation: timeout waits longer; check: "none" asks nobody',
    );
    expect(adviceFor(denied, settings)).toContain("; delay waits before the first question");
    expect(adviceFor(denied, { ...settings, delay: "5s" })).toContain("; a longer delay waits");
  });

  it("says how long a resolver may remember", () => {
    expect(describeMissing([observation("192.0.2.1", { deniedFor: 86_400 })])).toBe(
      "192.0.2.1 does not have _acme-challenge.a yet, and may remember that for 1 day",
    );
  });
});
