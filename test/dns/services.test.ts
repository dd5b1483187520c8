/** Certificates from Pebble, whose resolver sees what stand-ins of DNS services hold. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import type { AccountReference } from "../../sdk/issuance/arguments";
import { certificateHandler } from "../../sdk/provider/certificate";
import { guard, type Properties } from "../../sdk/provider/engine/handler";
import { registerAccount } from "../support/ca/acme-account";
import { type Pebble, startPebble } from "../support/ca/pebble";
import { factsOf } from "../support/ca/state";
import { DIALECTS } from "../support/dns/services";
import { hetzner } from "../support/dns/services/hetzner";
import { type Dialect, startStandIn, type StandIn, WHOLE } from "../support/dns/services/stand-in";
import { describeWithTools } from "../support/process/tools";

const handler = guard(certificateHandler);
let pebble: Pebble;
let account: AccountReference;
const running: StandIn[] = [];

/** The zone that a service has. */
const zoneAt = ({ name }: Dialect): string => `${name.toLowerCase()}.example`;

/** A service that has one zone, which Pebble's resolver sees. */
async function served(dialect: Dialect): Promise<StandIn> {
  const standIn = await startStandIn(dialect, {
    zones: [zoneAt(dialect)],
    pageSize: 100,
    publish: async (name, values) => {
      await pebble.dns.clearTxt(name);
      for (const value of values) await pebble.dns.setTxt(name, value);
    },
  });
  running.push(standIn);
  return standIn;
}

/** One certificate, checked and created as the engine does. */
async function issue(
  dnsNames: readonly string[],
  services: readonly StandIn[],
): Promise<Properties> {
  const args = {
    account,
    dnsNames,
    profile: "default",
    solvers: services.map(({ dialect, url }) => ({
      dnsZones: [zoneAt(dialect)],
      dns01: { [dialect.name]: dialect.argumentsFor(url, ` ${WHOLE}\n`) },
    })),
    propagation: { check: "resolvers", resolvers: [pebble.dns.dnsAddress] },
    preflight: false,
  };
  const { inputs, failures } = await handler.check({}, args);
  expect(failures).toEqual([]);
  return (await handler.create(inputs)).outs;
}

describeWithTools(["pebble", "pebble-challtestsrv"], "DNS services", () => {
  beforeAll(async () => {
    pebble = await startPebble();
    account = await registerAccount(pebble);
  });
  afterAll(() => pebble.stop());
  afterEach(async () => {
    for (const standIn of running.splice(0)) {
      expect(standIn.values()).toEqual([]);
      await standIn.stop();
    }
  });

  it("share one certificate: a domain, its wildcard and a name of each", async () => {
    const services = await Promise.all(DIALECTS.map(served));
    const dnsNames = DIALECTS.flatMap((dialect) => {
      const zone = zoneAt(dialect);
      return [zone, `*.${zone}`, `a.b.${zone}`];
    });
    const outs = await issue(dnsNames, services);
    expect([...factsOf(outs).dnsNames].sort()).toEqual(dnsNames.sort());
    for (const { calls } of services) expect(calls.length).toBeGreaterThan(0);
  });

  it("serve 25 certificates at once, one service under its limit", async () => {
    const service = await served(hetzner);
    const zone = zoneAt(hetzner);
    service.limit(40, 2);
    const names = Array.from({ length: 25 }, (_, i) => `h${String(i)}.${zone}`);
    const issued = await Promise.all(names.map((name) => issue([name], [service])));
    expect(issued.flatMap((outs) => factsOf(outs).dnsNames)).toEqual(names);
  });
});
