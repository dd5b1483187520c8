/** dns-01 in zones where a wildcard CNAME stands for names that have no record. @see RFC 4592 */
import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import {
  dns01Solver,
  dnsAccount01Solver,
  type DnsProvider,
  type DnsRecord,
} from "../../sdk/challenges/dns-01";
import { createProvider as rfc2136 } from "../../sdk/challenges/dns-01/providers/rfc2136/provider";
import { dnsPersist01Solver } from "../../sdk/challenges/dns-persist-01";
import { prepared } from "../../sdk/challenges/prepared";
import { type Bind, startBind } from "../support/dns/bind";
import { type DnsRelay, loopbackAddresses, startRelay } from "../support/dns/dns-relay";
import { missingDnsTools } from "../support/dns/dns-tools";
import {
  dnsProof,
  dnsRecord,
  providerContext,
  solverContext,
  valueOf,
} from "../support/dns/records";
import { freePort } from "../support/process/ports";
import { describeUnless } from "../support/process/tools";

const ZONE = {
  name: "example.test",
  records: [
    "* CNAME balancer.cloud.test.",
    "*.own CNAME example.test.",
    "_acme-challenge.meant CNAME meant.example.test.",
    "meant TXT other",
  ],
};
const CLOUD = { name: "cloud.test", records: ["balancer A 127.0.0.1"] };

let primary: Bind;
/** A copy of the zone in which no record appears. */
let stale: Bind;
let resolver: Bind;
let ns1: DnsRelay;
let ns2: DnsRelay;
let provider: ReturnType<typeof rfc2136>;

describeUnless(missingDnsTools(), "a wildcard CNAME", () => {
  beforeAll(async () => {
    const { addresses, port } = await loopbackAddresses(2);
    const [first = "", second = ""] = addresses;
    const nameServers = { ns1: [first], ns2: [second] };
    const key = {
      name: "k",
      algorithm: "hmac-sha256",
      secret: randomBytes(32).toString("base64"),
    };
    const primaryPort = await freePort();
    primary = await startBind({
      port: primaryPort,
      keys: [key],
      zones: [
        { ...ZONE, nameServers, updatePolicy: ["grant k zonesub TXT"] },
        { ...CLOUD, nameServers: { ns1: [first] } },
      ],
    });
    stale = await startBind({ zones: [{ ...ZONE, nameServers }] });
    resolver = await startBind({
      recursive: true,
      zones: [ZONE, CLOUD].map(({ name }) => ({ name, forwardTo: primaryPort })),
    });
    ns1 = await startRelay(first, port, primaryPort);
    ns2 = await startRelay(second, port, primaryPort);
    provider = rfc2136({ server: primary.server, keyName: "k", keySecret: key.secret });
  });
  afterAll(async () => {
    for (const each of [ns1, ns2, resolver, stale, primary]) await each.stop();
  });
  beforeEach(() => {
    ns2.target = primary.port;
  });

  const options = (timeout = "20s") => ({
    provider,
    resolvers: [resolver.server],
    port: ns1.port,
    propagation: { timeout },
  });
  const left = async () =>
    (await primary.txtRecords("example.test")).filter((line) => line.includes("_acme"));

  it.each([
    ["a name", [dnsProof("www.example.test")], ["_acme-challenge.www.example.test"]],
    [
      "a domain and its wildcard",
      [dnsProof("example.test"), dnsProof("example.test", true)],
      ["_acme-challenge.example.test", "_acme-challenge.example.test"],
    ],
    [
      "a name whose wildcard leads to the domain itself",
      [dnsProof("a.own.example.test")],
      ["_acme-challenge.a.own.example.test"],
    ],
    [
      "a name that is delegated in spite of it",
      [dnsProof("meant.example.test")],
      ["meant.example.test"],
    ],
  ])("is no delegation of %s (go-acme/lego#2120)", async (_what, proofs, places) => {
    const presentation = await dns01Solver(options()).present(proofs, solverContext());
    const values = proofs.map((proof) => `"${valueOf(proof)}"`);
    const added = (await primary.txtRecords("example.test")).filter((line) =>
      values.some((value) => line.endsWith(value)),
    );
    expect(added.map((line) => line.split(" ")[0])).toEqual(places);
    await presentation.cleanUp();
    expect(await left()).toEqual([]);
  });

  it("is no delegation for dns-account-01", async () => {
    const solver = dnsAccount01Solver({ ...options(), accountUrl: "https://ca.example/acct/1" });
    const proof = dnsProof("www.example.test", false, "dns-account-01");
    const presentation = await solver.present([proof], solverContext());
    expect(await left()).toEqual([
      expect.stringMatching(/^_[a-z2-7]{16}\._acme-challenge\.www\.example\.test /),
    ]);
    await presentation.cleanUp();
  });

  it("is still shown by a secondary that is behind, which is waited for", async () => {
    ns2.target = stale.port;
    const context = solverContext();
    context.progress.mockImplementation((message: string) => {
      if (message.startsWith("waits for")) ns2.target = primary.port;
    });
    const presentation = await dns01Solver(options()).present(
      [dnsProof("www.example.test")],
      context,
    );
    expect(context.progress).toHaveBeenCalledWith(
      expect.stringMatching(
        /^waits for the DNS records: ns1\.cloud\.test \(127\.[0-9.]+\) does not have _acme-challenge\.www\.example\.test → balancer\.cloud\.test yet$/,
      ),
    );
    await presentation.cleanUp();
  });

  it("is named where the record is not found in time, with what was done about it", async () => {
    ns2.target = stale.port;
    const present = dns01Solver(options("1s")).present(
      [dnsProof("www.example.test")],
      solverContext(),
    );
    await expect(present).rejects.toThrow(
      "; CNAME _acme-challenge.www.example.test → balancer.cloud.test (a wildcard's: the record is put at the name, as by followCname: false)",
    );
    expect(await left()).toEqual([]);
  });

  it("gives way to a record that appears later: with followCname: false, and by the user's own hand", async () => {
    const proof = dnsProof("www.example.test");
    const record: DnsRecord = { ...dnsRecord("www.example.test"), value: valueOf(proof) };
    const appearsLater = () => {
      const context = solverContext();
      context.progress.mockImplementation((message: string) => {
        if (message.startsWith("waits for")) void provider.add([record], providerContext());
      });
      return context;
    };
    const late: DnsProvider = {
      label: "slow",
      add: (records, { mayAdd }) => {
        mayAdd(records);
        return Promise.resolve();
      },
      remove: provider.remove,
    };
    const itself = dns01Solver({ ...options(), provider: late, followCname: false });
    await (await itself.present([proof], appearsLater())).cleanUp();
    expect(await left()).toEqual([]);
    // The lab's servers are on a port of their own, which only the resolver knows.
    const order = prepared({
      challengeType: "dns-01",
      propagation: { check: "resolvers", resolvers: [resolver.server], timeout: "20s" },
    });
    await order.present([proof], appearsLater());
    await provider.remove([record], providerContext());
  });

  it("gives way to a permanent record", async () => {
    const accountUrl = "https://ca.example/acct/1";
    const value = `ca.example; accounturi=${accountUrl}`;
    const name = "_validation-persist.www.example.test";
    const record: DnsRecord = { ...dnsRecord("www.example.test"), name, value };
    const context = solverContext();
    context.progress.mockImplementation((message: string) => {
      if (message.startsWith("waits for")) void provider.add([record], providerContext());
    });
    const solver = dnsPersist01Solver({ ...options(), accountUrl, thumbprint: "" });
    const proof = dnsProof("www.example.test", false, "dns-persist-01");
    await solver.present([{ ...proof, issuerDomainNames: ["ca.example"] }], context);
    expect(context.progress).toHaveBeenCalledWith(expect.stringContaining("→ balancer.cloud.test"));
    await provider.remove([record], providerContext());
  });
});
