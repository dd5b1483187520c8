/** The shared test servers do what the tests believe they do. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Resolver } from "node:dns/promises";
import { getText } from "../process/https-get";
import { startPebble, type Pebble } from "./pebble";
import { describeWithTools } from "../process/tools";

describeWithTools(["pebble", "pebble-challtestsrv"], "Pebble", () => {
  let pebble: Pebble;
  beforeAll(async () => {
    pebble = await startPebble({ alternateRoots: 1, caaIdentities: ["ca.test"] });
  });
  afterAll(() => pebble.stop());

  it("serves a directory over HTTPS that the given root vouches for", async () => {
    const before = pebble.requests().length;
    const directory = JSON.parse(await getText(pebble.directoryUrl, pebble.caBundlePem)) as {
      meta: { caaIdentities: string[] };
    };
    expect(directory.meta.caaIdentities).toEqual(["ca.test"]);
    expect(pebble.requests().slice(before)).toEqual([{ method: "GET", path: "/dir" }]);
  });

  it("shows the roots of its chains", async () => {
    const roots = await Promise.all([pebble.roots(0), pebble.roots(1)]);
    expect(roots[0]).toContain("BEGIN CERTIFICATE");
    expect(roots[1]).not.toBe(roots[0]);
  });

  it("resolves every name to this machine, and records that a test has set", async () => {
    const resolver = new Resolver();
    resolver.setServers([pebble.dns.dnsAddress]);
    expect(await resolver.resolve4("www.example.com")).toEqual(["127.0.0.1"]);
    await pebble.dns.addA("other.example.com", "127.0.0.9");
    expect(await resolver.resolve4("other.example.com")).toEqual(["127.0.0.9"]);
    await pebble.dns.setTxt("_acme-challenge.example.com", "one");
    await pebble.dns.setTxt("_acme-challenge.example.com", "two");
    expect((await resolver.resolveTxt("_acme-challenge.example.com")).flat().sort()).toEqual([
      "one",
      "two",
    ]);
    await pebble.dns.addCaa("example.com", { tag: "issue", value: "ca.test" });
    expect(await resolver.resolveCaa("example.com")).toEqual([{ critical: 0, issue: "ca.test" }]);
  });

  it("comes back from a restart on the same ports with other roots", async () => {
    const root = await pebble.roots();
    await pebble.pause();
    await expect(getText(pebble.directoryUrl, pebble.caBundlePem)).rejects.toThrow();
    await pebble.restart();
    expect(await pebble.roots()).not.toBe(root);
    await getText(pebble.directoryUrl, pebble.caBundlePem);
  });
});
