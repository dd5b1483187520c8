/** TXT records in Route 53, by the real AWS SDK, at a stand-in that checks its signatures. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Route53Arguments } from "../../../../../sdk/challenges/dns-01/providers/route53/arguments";
import { createProvider as route53 } from "../../../../../sdk/challenges/dns-01/providers/route53/provider";
import { dnsRecord, providerContext } from "../../../../support/dns/records";
import {
  type HostedZone,
  ROUTE53_CREDENTIALS,
  type Route53Service,
  startRoute53,
} from "../../../../support/dns/route53-api";

let api: Route53Service;
let zones: HostedZone[];
beforeEach(async () => {
  zones = [
    { id: "ZCOM", name: "example.com." },
    { id: "ZSUBPRIVATE", name: "sub.example.com.", private: true },
    { id: "ZORG", name: "example.org." },
    { id: "ZTWIN1", name: "twin.test." },
    { id: "ZTWIN2", name: "twin.test." },
  ];
  api = await startRoute53(zones);
});
afterEach(async () => {
  expect([...api.sets.values()].flat()).toEqual([]);
  await api.stop();
});

function provider(options: Partial<Route53Arguments> = {}) {
  return route53({ endpoint: api.url, ...ROUTE53_CREDENTIALS, ...options }, 10);
}

describe("Route 53", () => {
  it("gets the records of each zone in one change, and is waited for until it is in sync", async () => {
    api.pendingLooks = 2;
    const records = ["example.com", "a.b.example.com", "www.example.org"].map(dnsRecord);
    await provider().add(records, providerContext());
    expect(
      api.sets
        .get("ZCOM")
        ?.map(({ name, ttl }) => `${name} ${String(ttl)}`)
        .sort(),
    ).toEqual(["_acme-challenge.a.b.example.com. 60", "_acme-challenge.example.com. 60"]);
    expect(api.sets.get("ZORG")?.[0]?.values).toEqual([`"${records[2]?.value ?? ""}"`]);
    expect(api.calls.filter((call) => call.startsWith("POST"))).toHaveLength(2);
    expect(api.calls.filter((call) => call.endsWith("/change/C1"))).toHaveLength(3);
    await provider().remove(records, providerContext());
  });

  it("passes over private zones, which no CA sees", async () => {
    const record = dnsRecord("x.sub.example.com");
    await provider().add([record], providerContext());
    expect(api.sets.get("ZCOM")).toHaveLength(1);
    await provider().remove([record], providerContext());
  });

  it("keeps the other values of a record set, and its TTL", async () => {
    const set = {
      name: "_acme-challenge.example.com.",
      type: "TXT",
      ttl: 300,
      values: ['"of somebody else"'],
    };
    api.sets.get("ZCOM")?.push(set);
    const records = [dnsRecord("example.com"), dnsRecord("example.com")];
    await provider().add(records, providerContext());
    expect(api.sets.get("ZCOM")).toEqual([
      { ...set, values: ['"of somebody else"', ...records.map(({ value }) => `"${value}"`)] },
    ]);
    await provider().remove(records, providerContext());
    expect(api.sets.get("ZCOM")).toEqual([set]);
    api.sets.get("ZCOM")?.splice(0);
  });

  it("loses no value when two certificates change one record set at the same time", async () => {
    const [one, other] = [dnsRecord("example.com"), dnsRecord("example.com")];
    await Promise.all([one, other].map((record) => provider().add([record], providerContext())));
    expect(api.sets.get("ZCOM")?.[0]?.values).toHaveLength(2);
    await Promise.all([one, other].map((record) => provider().remove([record], providerContext())));
  });

  it("is not changed for what is there already, or not there any more", async () => {
    const record = dnsRecord("example.com");
    await provider().add([record], providerContext());
    await provider().add([record], providerContext());
    await provider().remove([record], providerContext());
    await provider().remove([record], providerContext());
    expect(api.calls.filter((call) => call.startsWith("POST"))).toHaveLength(2);
  });

  it("is changed in a given zone without looking for one", async () => {
    const record = dnsRecord("twin.test");
    await provider({ hostedZoneId: "ZTWIN2" }).add([record], providerContext());
    await provider({ hostedZoneId: "ZTWIN2" }).remove([record], providerContext());
    expect(api.calls.filter((call) => call.includes("hostedzonesbyname"))).toEqual([]);
  });

  it("that has several zones of one name is not guessed at", async () => {
    await expect(provider().add([dnsRecord("twin.test")], providerContext())).rejects.toThrow(
      "there are several public hosted zones twin.test (ZTWIN1 and ZTWIN2); give hostedZoneId",
    );
  });

  it("that has no zone for a name is explained", async () => {
    await expect(provider().add([dnsRecord("a.example.net")], providerContext())).rejects.toThrow(
      "no public hosted zone for _acme-challenge.a.example.net is visible to these credentials",
    );
  });

  it("that refuses is explained by the permissions that are needed", async () => {
    api.faults.push({ status: 403, code: "AccessDenied" });
    await expect(provider().add([dnsRecord("example.com")], providerContext())).rejects.toThrow(
      "Route 53 refuses: as the test wants it; the credentials need route53:ListHostedZonesByName",
    );
  });

  it("that does not accept the credentials is explained, without them", async () => {
    const wrong = provider({ secretAccessKey: "wrong-secret-access-key" });
    const add = wrong.add([dnsRecord("example.com")], providerContext());
    await expect(add).rejects.toThrow(
      /^Route 53 does not accept the credentials: The request signature is wrong\.; check accessKeyId and secretAccessKey/,
    );
  });

  it("that refuses a change has added nothing", async () => {
    const record = dnsRecord("example.com");
    const context = providerContext();
    context.mayAdd = vi.fn(() => api.faults.push({ status: 400, code: "InvalidInput" }));
    const add = provider({ hostedZoneId: "ZCOM" }).add([record], context);
    await expect(add).rejects.toThrow("as the test wants it");
    expect(context.mayAdd).toHaveBeenCalledExactlyOnceWith([record]);
    expect(context.notAdded).toHaveBeenCalledExactlyOnceWith([record]);
  });

  it("that is busy is asked again", async () => {
    api.faults.push(
      { status: 400, code: "Throttling" },
      { status: 503, code: "ServiceUnavailable" },
    );
    const record = dnsRecord("example.com");
    await provider().add([record], providerContext());
    await provider().remove([record], providerContext());
  });

  it("that wants fewer calls is told of, and that the limit is AWS's", async () => {
    api.callsPerSecond = 0;
    const progress = vi.fn(() => {
      throw new Error("seen");
    });
    const add = provider().add([dnsRecord("example.com")], { ...providerContext(), progress });
    await expect(add).rejects.toThrow("seen");
    expect(progress).toHaveBeenCalledWith(
      "AWS answers Throttling: Rate exceeded (AWS takes five calls a second from an account, whoever makes them); next try in 1 s",
    );
  });

  it(
    "takes five calls a second: all certificates of a run keep to it together",
    { timeout: 60_000 },
    async () => {
      api.callsPerSecond = 5;
      api.pendingLooks = 0;
      const records = Array.from({ length: 10 }, (_, i) =>
        dnsRecord(`host-${String(i)}.example.com`),
      );
      const all = (action: "add" | "remove"): Promise<unknown> =>
        Promise.all(records.map((record) => provider()[action]([record], providerContext())));
      await all("add");
      expect(api.sets.get("ZCOM")).toHaveLength(10);
      await all("remove");
      expect(api.calls.filter((call) => call.includes("hostedzonesbyname"))).toHaveLength(1);
    },
  );

  it("is asked again for a zone that was not there a moment before", async () => {
    const record = dnsRecord("www.new.test");
    await expect(provider().add([record], providerContext())).rejects.toThrow("no public hosted");
    zones.push({ id: "ZNEW", name: "new.test." });
    api.sets.set("ZNEW", []);
    await provider().add([record], providerContext());
    await provider().remove([record], providerContext());
  });
});
