/** TXT records in Cloudflare's DNS, at a stand-in of its API. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { CloudflareArguments } from "../../../../../sdk/challenges/dns-01/providers/cloudflare/arguments";
import { createProvider as cloudflare } from "../../../../../sdk/challenges/dns-01/providers/cloudflare/provider";
import { dnsRecord, providerContext } from "../../../../support/dns/records";
import { type CloudflareService, startCloudflare } from "../../../../support/dns/cloudflare-api";

const zones = ["example.com", "sub.example.com", "example.org", "bücher.example"];
const tokens = {
  whole: { read: zones, edit: zones },
  one_zone: { read: ["example.com"], edit: ["example.com"] },
  no_read: { read: [], edit: ["example.com"] },
  no_edit: { read: zones, edit: [] },
};

let api: CloudflareService;
beforeEach(async () => {
  api = await startCloudflare(zones, tokens, 2);
});
afterEach(async () => {
  expect([...api.records.values()].flat()).toEqual([]);
  await api.stop();
});

function provider(
  apiToken: keyof typeof tokens | "wrong" = "whole",
  more: Partial<CloudflareArguments> = {},
) {
  return cloudflare({ apiToken, apiUrl: api.url, ...more });
}

const contents = (zone: string): string[] =>
  (api.records.get(`id-${zone}`) ?? []).map(({ name, content }) => `${name} ${content}`);

describe("Cloudflare", () => {
  it("gets each record in its zone, found from the name upwards, and loses it again", async () => {
    const records = ["example.com", "a.b.example.com", "x.sub.example.com", "example.org"].map(
      dnsRecord,
    );
    await provider().add(records, providerContext());
    const lines = records.map(({ name, value }) => `${name} "${value}"`);
    expect(contents("example.com").sort()).toEqual(lines.slice(0, 2).sort());
    expect(contents("sub.example.com")).toEqual([lines[2]]);
    expect(contents("example.org")).toEqual([lines[3]]);
    await provider().remove(records, providerContext());
  });

  it("needs a token for one zone alone", async () => {
    const record = dnsRecord("www.example.com");
    await provider("one_zone").add([record], providerContext());
    await provider("one_zone").remove([record], providerContext());
  });

  it("needs no permission to read zones where the zone is given", async () => {
    const record = dnsRecord("www.example.com");
    const zoneId = "id-example.com";
    await provider("no_read", { zoneId }).add([record], providerContext());
    await provider("no_read", { zoneId }).remove([record], providerContext());
    expect(api.calls.filter(({ path }) => path.startsWith("GET /zones?"))).toEqual([]);
  });

  it("looks for each zone once, however many names there are", async () => {
    const records = Array.from({ length: 20 }, (_, i) =>
      dnsRecord(`host-${String(i)}.example.com`),
    );
    await provider().add(records, providerContext());
    const looks = api.calls.filter(({ path }) => path.startsWith("GET /zones?name=example.com"));
    expect(looks).toHaveLength(1);
    await provider().remove(records, providerContext());
  });

  it("is asked once for each zone by all certificates of a run", async () => {
    const records = Array.from({ length: 25 }, (_, i) =>
      dnsRecord(`host-${String(i)}.example.com`),
    );
    await Promise.all(records.map((record) => provider().add([record], providerContext())));
    await Promise.all(records.map((record) => provider().remove([record], providerContext())));
    const looks = api.calls.filter(({ path }) => path.startsWith("GET /zones?name="));
    // The zone, and each name above which no other certificate has one.
    expect(looks).toHaveLength(1 + records.length);
  });

  it("finds a zone with an international name, which has it in Unicode", async () => {
    const records = [dnsRecord("xn--bcher-kva.example"), dnsRecord("www.xn--bcher-kva.example")];
    await provider().add(records, providerContext());
    expect(contents("bücher.example")).toHaveLength(2);
    await provider().remove(records, providerContext());
  });

  it("keeps other values of the name, on whatever page they are", async () => {
    const records = Array.from({ length: 5 }, () => dnsRecord("example.com"));
    await provider().add(records, providerContext());
    const [first, , , , last] = records;
    if (first === undefined || last === undefined) throw new Error("no records");
    await provider().remove([last], providerContext());
    expect(contents("example.com")).toHaveLength(4);
    await provider().remove([first], providerContext());
    expect(contents("example.com").join()).not.toContain(first.value);
    await provider().remove(records, providerContext());
  });

  it("takes a record that is left over from before for its own", async () => {
    const record = dnsRecord("example.com");
    await provider().add([record], providerContext());
    await provider().add([record], providerContext());
    expect(contents("example.com")).toHaveLength(1);
    await provider().remove([record], providerContext());
    await provider().remove([record], providerContext());
  });

  it("that does not show the zone to the token is explained by the permission that is missing", async () => {
    const context = providerContext();
    const add = provider("one_zone").add([dnsRecord("www.example.org")], context);
    await expect(add).rejects.toThrow(
      'no zone for _acme-challenge.www.example.org is visible at Cloudflare with these credentials (looked for www.example.org and example.org): give the API token the permission Zone → Zone → Read and the zone in "Zone Resources", or give zoneId',
    );
    expect(context.mayAdd).not.toHaveBeenCalled();
  });

  it("that does not let the token edit is explained by the permission that is missing", async () => {
    const record = dnsRecord("www.example.com");
    const context = providerContext();
    const add = provider("no_edit").add([record], context);
    await expect(add).rejects.toThrow(
      "the TXT record of _acme-challenge.www.example.com cannot be added in example.com: Cloudflare answers 403: Authentication error (code 10000); the API token needs the permission Zone → DNS → Edit",
    );
    expect(context.notAdded).toHaveBeenCalledExactlyOnceWith([record]);
  });

  it("that does not know the token is quoted, without the token", async () => {
    const add = provider("wrong").add([dnsRecord("www.example.com")], providerContext());
    await expect(add).rejects.toThrow(
      "zone www.example.com cannot be looked up: Cloudflare answers 401: Invalid API Token (code 1000); apiToken must be an API token that is active",
    );
  });

  it("that takes the token for no header at all is explained by what it says of it", async () => {
    const add = cloudflare({ apiToken: "not a token", apiUrl: api.url }).add(
      [dnsRecord("www.example.com")],
      providerContext(),
    );
    await expect(add).rejects.toThrow(
      "Cloudflare answers 400: Invalid request headers (code 6003), Invalid format for Authorization header (code 6111); apiToken must be an API token",
    );
  });

  it("is not asked again with a token that cannot be sent", async () => {
    const add = cloudflare({ apiToken: "token\n", apiUrl: api.url }).add(
      [dnsRecord("www.example.com")],
      providerContext(),
    );
    await expect(add).rejects.toThrow(
      "the call to Cloudflare was not sent: invalid Authorization header",
    );
    expect(api.calls).toEqual([]);
  });

  it("that is busy is asked again", async () => {
    api.faults.push(
      { status: 429, headers: { "Retry-After": "0" } },
      { status: 502, body: "<html>" },
    );
    const record = dnsRecord("www.example.com");
    const context = providerContext();
    await provider().add([record], context);
    expect(context.progress).toHaveBeenCalledWith(
      "Cloudflare answers 429 (Cloudflare takes 1200 calls in five minutes from a user, whoever makes them); next try in 0 s",
    );
    await provider().remove([record], providerContext());
  });

  it(
    "that cannot be reached is named, once it has been tried five times",
    { timeout: 30_000 },
    async () => {
      const context = providerContext();
      const dead = provider("whole", { apiUrl: "http://127.0.0.1:1" });
      await expect(dead.add([dnsRecord("www.example.com")], context)).rejects.toThrow(
        /Cloudflare cannot be reached: .*ECONNREFUSED.*, 5 times; try again later/,
      );
    },
  );

  it("tells of every name that failed", async () => {
    const records = ["a.example.com", "b.example.net", "c.example.net"].map(dnsRecord);
    const error: unknown = await provider()
      .add(records, providerContext())
      .catch((e: unknown) => e);
    expect((error as AggregateError).errors.map(String)).toEqual([
      expect.stringContaining("no zone for _acme-challenge.b.example.net"),
      expect.stringContaining("no zone for _acme-challenge.c.example.net"),
    ]);
    await provider().remove(records.slice(0, 1), providerContext());
  });
});
