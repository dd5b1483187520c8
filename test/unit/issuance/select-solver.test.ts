import { describe, expect, it } from "vitest";

import { solversFor, unsolvable } from "../../../sdk/issuance/select-solver";
import type { SolverArguments } from "../../../sdk/issuance/solver-arguments";

const dns = (value: string) => ({ type: "dns" as const, value });
const entry = (selector: Partial<SolverArguments>, port: number): SolverArguments => ({
  ...selector,
  http01: { listener: { port } },
});

const anything = entry({}, 1);
const zone = entry({ dnsZones: ["example.com"] }, 2);
const longerZone = entry({ dnsZones: ["sub.example.com"] }, 3);
const exact = entry({ dnsNames: ["www.sub.example.com"] }, 4);
const all = [anything, zone, longerZone, exact];

describe("which solver proves a name", () => {
  it("an exact name before the longest zone before an entry without selector", () => {
    expect(solversFor(all, dns("www.sub.example.com"))).toEqual([
      exact,
      longerZone,
      zone,
      anything,
    ]);
    expect(solversFor(all, dns("sub.example.com"))).toEqual([longerZone, zone, anything]);
    expect(solversFor(all, dns("example.com"))).toEqual([zone, anything]);
    expect(solversFor(all, dns("example.net"))).toEqual([anything]);
  });

  it("equally specific ones in the order in which they are written", () => {
    const first = entry({ dnsNames: ["a.example"] }, 5);
    const second = entry({ dnsNames: ["a.example"] }, 6);
    expect(solversFor([first, second], dns("a.example"))).toEqual([first, second]);
  });

  it("an address takes only entries without selector", () => {
    expect(solversFor(all, { type: "ip", value: "192.0.2.1" })).toEqual([anything]);
  });

  it("a wildcard is refused by http-01 with its reason", () => {
    expect(solversFor(all, dns("*.example.com"))).toEqual([]);
    expect(unsolvable(all, dns("*.example.com"))).toBe(
      "is a wildcard, which only a DNS solver can prove",
    );
  });

  it("a name that no selector matches is said so", () => {
    expect(unsolvable([zone], dns("example.net"))).toBe(
      "matches the dnsNames or dnsZones of no solver",
    );
  });
});
