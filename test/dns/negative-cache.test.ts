/** dns-01 where name servers cannot be asked, but only a resolver that remembers what was not there. @see RFC 2308 */
import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { dns01Solver, type DnsProvider, type DnsSolverOptions } from "../../sdk/challenges/dns-01";
import { createProvider as rfc2136 } from "../../sdk/challenges/dns-01/providers/rfc2136/provider";
import { type Bind, startBind } from "../support/dns/bind";
import { missingDnsTools } from "../support/dns/dns-tools";
import { dnsProof, solverContext, valueOf } from "../support/dns/records";
import { freePort } from "../support/process/ports";
import { describeUnless } from "../support/process/tools";

/** Nobody listens there. */
const NAME_SERVERS = { ns1: ["127.0.0.9"] };
const RECORDS = [
  "_acme-challenge.led CNAME led.acme.test.",
  "_acme-challenge.far CNAME near",
  "near CNAME far.acme.test.",
  "*.star CNAME elsewhere.acme.test.",
];

let primary: Bind;
let resolver: Bind;
let deadPort: number;
let provider: DnsProvider;

describeUnless(missingDnsTools(), "a resolver that remembers denials", () => {
  beforeAll(async () => {
    const key = {
      name: "k",
      algorithm: "hmac-sha256",
      secret: randomBytes(32).toString("base64"),
    };
    const updatePolicy = ["grant k zonesub TXT"];
    const zone = { nameServers: NAME_SERVERS, updatePolicy, denialSeconds: 3600 };
    primary = await startBind({
      keys: [key],
      zones: [
        { ...zone, name: "example.test", records: RECORDS },
        { ...zone, name: "acme.test" },
      ],
    });
    resolver = await startBind({
      recursive: true,
      remembersDenials: true,
      zones: ["example.test", "acme.test"].map((name) => ({ name, forwardTo: primary.port })),
    });
    deadPort = await freePort();
    provider = rfc2136({ server: primary.server, keyName: "k", keySecret: key.secret });
  });
  afterAll(async () => {
    await resolver.stop();
    await primary.stop();
  });

  const present = (domain: string, options: Partial<DnsSolverOptions> = {}) => {
    const solver = dns01Solver({
      provider,
      port: deadPort,
      propagation: { check: "resolvers", resolvers: [resolver.server], timeout: "3s" },
      ...options,
    });
    const proof = dnsProof(domain);
    const places: string[] = [];
    const context = solverContext();
    const presented = solver.present([proof], context).then(async (presentation) => {
      for (const zone of ["example.test", "acme.test"]) {
        const lines = await primary.txtRecords(zone);
        places.push(...lines.filter((line) => line.endsWith(`"${valueOf(proof)}"`)));
      }
      await presentation.cleanUp();
      return places.map((line) => line.split(" ")[0]);
    });
    return presented;
  };

  it.each([
    ["a name of the zone itself", "a.example.test", "_acme-challenge.a.example.test"],
    ["a name that a CNAME delegates", "led.example.test", "led.acme.test"],
    ["a name behind two CNAMEs", "far.example.test", "far.acme.test"],
    ["a name below a wildcard CNAME", "x.star.example.test", "_acme-challenge.x.star.example.test"],
  ])(
    "is not asked for %s before the record is there (cert-manager#5826)",
    async (_what, domain, place) => {
      expect(await present(domain)).toEqual([place]);
    },
  );

  it("is not asked at all before the record is there with followCname: false", async () => {
    expect(await present("b.example.test", { followCname: false })).toEqual([
      "_acme-challenge.b.example.test",
    ]);
  });

  it("is not spoilt by a run that waits for name servers in vain, which says what helps", async () => {
    const propagation = { resolvers: [resolver.server], timeout: "1s" };
    await expect(present("c.example.test", { propagation })).rejects.toThrow(
      /check: "resolvers" asks resolvers instead, where a firewall blocks/,
    );
    expect(await present("c.example.test")).toHaveLength(1);
  });

  it("is said to remember a denial, and for how long", async () => {
    const slow = { ...provider, add: () => Promise.resolve() };
    const late = present("d.example.test", { provider: slow });
    await expect(late).rejects.toThrow(
      /does not have _acme-challenge\.d\.example\.test yet, and may remember that for (60 minutes|1 hour)/,
    );
    await expect(late).rejects.toThrow("delay waits before the first question");
    await expect(late).rejects.not.toThrow('check: "resolvers"');
  });

  it("leaves nothing behind", async () => {
    expect(await primary.txtRecords("example.test")).toEqual([]);
    expect(await primary.txtRecords("acme.test")).toEqual([]);
  });
});
