/** Certificates from Pebble, whose resolver sees what stand-ins of DNS services hold. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import type { AccountReference } from "../../sdk/issuance/arguments";
import { certificateHandler } from "../../sdk/provider/certificate";
import { guard, type Properties } from "../../sdk/provider/engine/handler";
import { registerAccount } from "../support/ca/acme-account";
import { type Pebble, startPebble } from "../support/ca/pebble";
import { factsOf } from "../support/ca/state";
import type { Publish } from "../support/dns/publish";
import { DIALECTS, serveZone, serveZones } from "../support/dns/services";
import type { ServedZone } from "../support/dns/services/others";
import { describeWithTools } from "../support/process/tools";

const handler = guard(certificateHandler);
let pebble: Pebble;
let account: AccountReference;
const running: ServedZone[] = [];

/** Pebble's resolver sees it. */
const publish: Publish = (name, values) => pebble.dns.replaceTxt(name, values);

/** One certificate, checked and created as the engine does. */
async function issue(
  dnsNames: readonly string[],
  services: readonly ServedZone[],
): Promise<Properties> {
  const args = {
    account,
    dnsNames,
    profile: "default",
    solvers: services.map(({ zone, dns01 }) => ({ dnsZones: [zone], dns01 })),
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
    const services = await serveZones(publish);
    running.push(...services);
    const dnsNames = services.flatMap(({ zone }) => [zone, `*.${zone}`, `a.b.${zone}`]);
    const outs = await issue(dnsNames, services);
    expect([...factsOf(outs).dnsNames].sort()).toEqual(dnsNames.sort());
    for (const { calls } of services) expect(calls.length).toBeGreaterThan(0);
  });

  it("serve 25 certificates at once, one service under its limit", async () => {
    const service = await serveZone(DIALECTS.hetzner, publish);
    running.push(service);
    service.limit(40, 2);
    const names = Array.from({ length: 25 }, (_, i) => `h${String(i)}.${service.zone}`);
    const issued = await Promise.all(names.map((name) => issue([name], [service])));
    expect(issued.flatMap((outs) => factsOf(outs).dnsNames)).toEqual(names);
  });
});
