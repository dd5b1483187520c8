/**
 * Two zones at a primary server, one of them at a secondary as well, and a resolver that knows both. Test support of this
 * folder.
 */
import { randomBytes } from "node:crypto";

import { createProvider as rfc2136 } from "../../../sdk/challenges/dns-01/providers/rfc2136/provider";
import { type Bind, startBind } from "./bind";
import { type DnsRelay, loopbackAddresses, startRelay } from "./dns-relay";
import { freePorts } from "../process/ports";

export interface DnsLab {
  readonly primary: Bind;
  readonly resolver: Bind;
  /** Through them the servers are seen by who follows NS records: ns1 of both zones, ns2 of example.test. */
  readonly ns1: DnsRelay;
  readonly ns2: DnsRelay;
  /** A second address of ns1, of the other family. */
  readonly ns1v6: DnsRelay;
  /** The port of all of them. */
  readonly port: number;
  readonly resolvers: readonly string[];
  /** The key that may change both zones, as nsupdate takes it. */
  readonly tsig: string;
  /** Changes both zones. */
  provider(): ReturnType<typeof rfc2136>;
  /** What is left of challenges in both zones, except what has been there from the start. */
  leftovers(): Promise<string[]>;
  stop(): Promise<void>;
}

const DELEGATIONS = [
  "_acme-challenge.cname CNAME cname.acme.test.",
  "_acme-challenge.far CNAME near",
  "near CNAME far.acme.test.",
  "dname DNAME acme.test.",
  "_acme-challenge.loop CNAME _acme-challenge.pool",
  "_acme-challenge.pool CNAME _acme-challenge.loop",
  "_acme-challenge.long CNAME step-0",
  ...Array.from({ length: 12 }, (_, i) => `step-${String(i)} CNAME step-${String(i + 1)}`),
];

export async function startDnsLab(): Promise<DnsLab> {
  const { addresses, port } = await loopbackAddresses(2);
  const [first = "", second = ""] = addresses;
  const [primaryPort = 0, secondaryPort = 0] = await freePorts(2);
  const key = { name: "lab", algorithm: "hmac-sha256", secret: randomBytes(32).toString("base64") };
  const updatePolicy = ["grant lab zonesub TXT"];
  const primary = await startBind({
    port: primaryPort,
    keys: [key],
    zones: [
      {
        name: "example.test",
        nameServers: { ns1: [first, "::1"], ns2: [second] },
        records: DELEGATIONS,
        updatePolicy,
        secondaries: [secondaryPort],
      },
      { name: "acme.test", nameServers: { ns1: [first] }, updatePolicy },
    ],
  });
  const [secondary, resolver] = await Promise.all([
    startBind({
      port: secondaryPort,
      zones: [{ name: "example.test", primary: primaryPort }],
    }),
    startBind({
      recursive: true,
      zones: ["example.test", "acme.test"].map((name) => ({ name, forwardTo: primaryPort })),
    }),
  ]);
  const [ns1, ns2, ns1v6] = await Promise.all([
    startRelay(first, port, primaryPort),
    startRelay(second, port, secondaryPort),
    startRelay("::1", port, primaryPort),
  ]);
  return {
    primary,
    resolver,
    ns1,
    ns2,
    ns1v6,
    port,
    resolvers: [resolver.server],
    tsig: `${key.algorithm}:${key.name}:${key.secret}`,
    provider: () => rfc2136({ server: primary.server, keyName: key.name, keySecret: key.secret }),
    leftovers: async () => [
      ...(await primary.txtRecords("example.test")),
      ...(await primary.txtRecords("acme.test")),
    ],
    stop: async () => {
      for (const each of [ns1, ns2, ns1v6, resolver, secondary, primary]) await each.stop();
    },
  };
}
