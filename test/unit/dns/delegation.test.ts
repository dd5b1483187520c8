/** Where a name leads, by what DNS answers. */
import { describe, expect, it, vi } from "vitest";

import { type AskCname, describeWay, follow } from "../../../sdk/dns/delegation";
import type { DnsReply, ResourceRecord } from "../../../sdk/dns/message";

function reply(...answers: ResourceRecord[]): DnsReply {
  return { rcode: "NOERROR", truncated: false, answers, authorities: [] };
}

/** Names and where they lead; `*.` before a name answers for every name below it that is not listed. */
function zone(cnames: Record<string, string>): AskCname {
  return (name) => {
    const [, ...above] = name.split(".");
    const target = cnames[name] ?? cnames[`*.${above.join(".")}`];
    return Promise.resolve(
      target === undefined ? reply() : reply({ name, type: "CNAME", text: target }),
    );
  };
}

describe("following a name", () => {
  it.each<[string, Record<string, string>, string[]]>([
    ["a name of its own", {}, ["_acme-challenge.a.test"]],
    [
      "two CNAMEs",
      { "_acme-challenge.a.test": "b.test", "b.test": "c.example" },
      ["_acme-challenge.a.test", "b.test", "c.example"],
    ],
  ])("ends where %s leads", async (_what, cnames, path) => {
    const way = await follow(["_acme-challenge.a.test"], zone(cnames));
    expect(way).toEqual({ path, known: true });
  });

  it("takes what a wildcard makes up for no delegation, at the name and behind a CNAME (go-acme/lego#1816)", async () => {
    expect(
      await follow(["_acme-challenge.a.test"], zone({ "*.a.test": "balancer.example" })),
    ).toEqual({ path: ["_acme-challenge.a.test"], known: true, wildcard: "balancer.example" });
    expect(
      await follow(
        ["_acme-challenge.a.test"],
        zone({ "_acme-challenge.a.test": "a.acme.test", "*.acme.test": "elsewhere.example" }),
      ),
    ).toEqual({
      path: ["_acme-challenge.a.test", "a.acme.test"],
      known: true,
      wildcard: "elsewhere.example",
    });
  });

  it("follows a CNAME beside a wildcard that leads elsewhere", async () => {
    const cnames = { "_acme-challenge.a.test": "a.acme.test", "*.a.test": "balancer.example" };
    expect(await follow(["_acme-challenge.a.test"], zone(cnames))).toEqual({
      path: ["_acme-challenge.a.test", "a.acme.test"],
      known: true,
    });
  });

  it("does not take a DNAME for a wildcard: each name below it leads to another place", async () => {
    const ask: AskCname = (name) =>
      Promise.resolve(
        name.endsWith(".a.test")
          ? reply({ name: "a.test", type: "DNAME", text: "b.test" })
          : reply(),
      );
    expect(await follow(["_acme-challenge.a.test"], ask)).toEqual({
      path: ["_acme-challenge.a.test", "_acme-challenge.b.test"],
      known: true,
    });
  });

  it("says where it does not know the rest, and asks somebody else for the first step only", async () => {
    const nobody = vi.fn<AskCname>(() => Promise.resolve(undefined));
    expect(await follow(["a.test"], nobody)).toEqual({ path: ["a.test"], known: false });
    const resolver = vi.fn<AskCname>(zone({ "a.test": "b.test", "b.test": "c.test" }));
    expect(await follow(["a.test"], nobody, resolver)).toEqual({
      path: ["a.test", "b.test"],
      known: false,
    });
    expect(resolver.mock.calls.map(([name]) => name)).not.toContain("b.test");
  });

  it("ends at loops and after ten steps", async () => {
    const loop = zone({ "a.test": "b.test", "b.test": "a.test" });
    await expect(follow(["a.test"], loop)).rejects.toThrow(
      "a.test: its CNAMEs form a loop: a.test → b.test → a.test",
    );
    const long = Array.from({ length: 20 }, (_, i) => [
      `n${String(i)}.test`,
      `n${String(i + 1)}.test`,
    ]);
    await expect(
      follow(["n0.test"], zone(Object.fromEntries(long) as Record<string, string>)),
    ).rejects.toThrow("n0.test: more than 10 CNAMEs follow each other");
  });

  it("is shown step by step", () => {
    expect(describeWay({ path: ["a.test", "b.test"] })).toBe("a.test → b.test");
  });
});
