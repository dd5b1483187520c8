/** What every DNS service has to do, at a stand-in of its API. */
import { describe, expect, it as plain } from "vitest";

import { ConfigurationError, messageOf } from "../../../../../sdk/util/errors";
import { dnsRecord, providerContext } from "../../../../support/dns/records";
import { DIALECTS } from "../../../../support/dns/services";
import {
  type Dialect,
  READ_ONLY,
  startStandIn,
  type StandIn,
  UNKNOWN,
  WHOLE,
} from "../../../../support/dns/services/stand-in";

const lines = (records: readonly { name: string; value: string }[]): string[] =>
  records.map(({ name, value }) => `${name} ${value}`).sort();

// At once: they wait more than they work.
describe.concurrent.each<Dialect>(Object.values(DIALECTS))("$name", (dialect) => {
  const it = plain.extend<{ api: StandIn }>({
    // eslint-disable-next-line no-empty-pattern -- vitest reads from it what a fixture needs
    api: async ({}, use) => {
      const api = await startStandIn(dialect);
      await use(api);
      expect(api.values()).toEqual([]);
      await api.stop();
    },
  });

  /** The message of a failure; the secret is never in it. */
  async function failureOf(work: Promise<unknown>): Promise<string> {
    const message = await work.then(() => "no failure", messageOf);
    for (const secret of [WHOLE, READ_ONLY, UNKNOWN]) expect(message).not.toContain(secret);
    return message;
  }

  it("gets each record in its zone, found from the name upwards, and loses it again", async ({
    api,
  }) => {
    const names = ["example.com", "a.b.example.com", "x.sub.example.com", "example.org"];
    const records = names.map(dnsRecord);
    const provider = await api.provider();
    await provider.add(records, providerContext());
    expect(api.values()).toEqual(lines(records));
    expect(api.zones.map((zone) => zone.records.length)).toEqual([2, 1, 1]);
    await provider.remove(records, providerContext());
  });

  it("gets the record of the zone's own name, to which a CNAME leads", async ({ api }) => {
    const record = { ...dnsRecord("www.example.net"), name: "example.com" };
    const provider = await api.provider();
    await provider.add([record], providerContext());
    await provider.add([record], providerContext());
    expect(api.values()).toEqual(lines([record]));
    await provider.remove([record], providerContext());
  });

  it("uses the zone that is given, and says where a name is not in it", async ({ api }) => {
    const record = dnsRecord("www.sub.example.com");
    const provider = await api.provider(WHOLE, { zone: "Example.com." });
    await provider.add([record], providerContext());
    expect(api.zones.map((zone) => zone.records.length)).toEqual([1, 0, 0]);
    await provider.remove([record], providerContext());
    expect(await failureOf(provider.add([dnsRecord("example.org")], providerContext()))).toBe(
      "_acme-challenge.example.org is not in the zone example.com that is given",
    );
  });

  it("has two values under one name, and loses one of them", async ({ api }) => {
    const records = [dnsRecord("example.com"), dnsRecord("example.com")];
    const provider = await api.provider();
    await provider.add(records, providerContext());
    expect(api.values()).toEqual(lines(records));
    await provider.remove(records.slice(1), providerContext());
    expect(api.values()).toEqual(lines(records.slice(0, 1)));
    await provider.remove(records, providerContext());
  });

  it("keeps values of others under the name, on whatever page they are", async ({ api }) => {
    const others = Array.from({ length: 5 }, () => dnsRecord("example.com"));
    const provider = await api.provider();
    for (const other of others) await provider.add([other], providerContext());
    const own = dnsRecord("example.com");
    await provider.add([own], providerContext());
    expect(api.values()).toEqual(lines([...others, own]));
    await provider.remove([own], providerContext());
    expect(api.values()).toEqual(lines(others));
    await provider.remove(others, providerContext());
  });

  it("takes what is left over from a killed run for its own; removing what is gone is no error", async ({
    api,
  }) => {
    const record = dnsRecord("example.com");
    await (await api.provider()).add([record], providerContext());
    const context = providerContext();
    await (await api.provider()).add([record], context);
    expect(context.mayAdd).toHaveBeenCalled();
    expect(api.values()).toEqual(lines([record]));
    await (await api.provider()).remove([record], providerContext());
    await (await api.provider()).remove([record], providerContext());
  });

  it("gets no TTL that it refuses, and the one that is wanted otherwise", async ({ api }) => {
    const provider = await api.provider();
    const short = { ...dnsRecord("a.example.com"), ttl: 1 };
    const long = { ...dnsRecord("b.example.com"), ttl: 7200 };
    await provider.add([short, long], providerContext());
    const ttls = api.zones.flatMap(({ records }) => records.map(({ ttl }) => ttl));
    expect(ttls.sort((a, b) => a - b)).toEqual([dialect.minTtl ?? 1, 7200]);
    await provider.remove([short, long], providerContext());
  });

  it("names what is wrong with credentials that it does not know", async ({ api }) => {
    const context = providerContext();
    const provider = await api.provider(UNKNOWN);
    const message = await failureOf(provider.add([dnsRecord("www.example.com")], context));
    expect(message).toContain(dialect.remedies.unauthenticated);
    expect(context.mayAdd).not.toHaveBeenCalled();
  });

  it("names the permission that is missing", async ({ api }) => {
    const record = dnsRecord("www.example.com");
    const context = providerContext();
    const provider = await api.provider(READ_ONLY);
    const message = await failureOf(provider.add([record], context));
    expect(message).toMatch(
      /^the TXT record of _acme-challenge\.www\.example\.com cannot be added in example\.com: /,
    );
    expect(message).toContain(dialect.remedies.forbidden);
    expect(context.notAdded).toHaveBeenCalledExactlyOnceWith([record]);
  });

  it("never shows a secret that it is told", async ({ api }) => {
    const body = JSON.stringify({ message: `what is ${WHOLE}?` });
    api.faults.push({ status: 400, headers: { "Content-Type": "application/json" }, body });
    const provider = await api.provider();
    const add = provider.add([dnsRecord("example.com")], providerContext());
    expect(await failureOf(add)).toContain("[secret]");
  });

  it("says where no zone is visible, after having looked twice", async ({ api }) => {
    const provider = await api.provider();
    const names = ["www.example.net", "www.example.com"].map(dnsRecord);
    expect(await failureOf(provider.add(names, providerContext()))).toMatch(
      /^no zone for _acme-challenge\.www\.example\.net is visible at .+ with these credentials \(looked for www\.example\.net and example\.net\): \w/,
    );
    expect(api.values()).toEqual(lines(names.slice(1)));
    await provider.remove(names.slice(1), providerContext());
  });

  it("serves 25 certificates of a run at once, which look for their zone once", async ({ api }) => {
    api.pageSize = 100;
    const records = Array.from({ length: 25 }, (_, i) => dnsRecord(`h${String(i)}.example.com`));
    await Promise.all(
      records.map(async (record) => (await api.provider()).add([record], providerContext())),
    );
    expect(api.values()).toEqual(lines(records));
    const { length } = api.calls;
    await Promise.all(
      records.map(async (record) => (await api.provider()).remove([record], providerContext())),
    );
    // Each reads its name and removes one record, perhaps in two calls; none looks for a zone.
    expect(api.calls.length - length).toBeLessThanOrEqual(
      (dialect.callsPerRemoval ?? 3) * records.length,
    );
  });

  it("is changed under one name by one at a time, whatever credentials they have", async ({
    api,
  }) => {
    api.alias = "another-secret-of-it";
    const [one, other] = [dnsRecord("example.com"), dnsRecord("example.com")];
    await Promise.all([
      (await api.provider()).add([one], providerContext()),
      (await api.provider(api.alias)).add([other], providerContext()),
    ]);
    expect(api.values()).toEqual(lines([one, other]));
    await Promise.all([
      (await api.provider()).remove([one], providerContext()),
      (await api.provider(api.alias)).remove([other], providerContext()),
    ]);
  });

  it("gets 25 names at once", async ({ api }) => {
    api.pageSize = 100;
    const records = Array.from({ length: 25 }, (_, i) => dnsRecord(`h${String(i)}.example.com`));
    const provider = await api.provider();
    await provider.add(records, providerContext());
    expect(api.values()).toEqual(lines(records));
    await provider.remove(records, providerContext());
  });

  it("is given time where it limits calls in the middle of ten names", async ({ api }) => {
    const records = Array.from({ length: 10 }, (_, i) => dnsRecord(`h${String(i)}.example.com`));
    const provider = await api.provider();
    api.limit(dialect.writesAtOnce === true ? 2 : 9, 2);
    const context = providerContext();
    await provider.add(records, context);
    expect(context.progress).toHaveBeenCalledWith(expect.stringMatching(/ answers 429/));
    expect(api.values()).toEqual(lines(records));
    await provider.remove(records, providerContext());
  });

  it("is asked again where it is broken", async ({ api }) => {
    api.faults.push({ status: 503, headers: { "Retry-After": "0" }, body: "<html>" });
    const record = dnsRecord("example.com");
    const provider = await api.provider();
    await provider.add([record], providerContext());
    await provider.remove([record], providerContext());
  });

  it("is not believed where it answers 200 with something else", async ({ api }) => {
    const portal = { status: 200, body: "<html>Please log in</html>" };
    api.faults.push(portal);
    const provider = await api.provider();
    const add = provider.add([dnsRecord("example.com")], providerContext());
    expect(await failureOf(add)).toContain("answers 200: <html>Please log in</html>");
  });

  it("has the record once and loses it, where the answer was lost after it was added", async ({
    api,
  }) => {
    const record = dnsRecord("example.com");
    const provider = await api.provider();
    api.cutNextChange();
    const context = providerContext();
    await provider.add([record], context);
    expect(context.notAdded).not.toHaveBeenCalled();
    expect(api.values()).toContain(lines([record])[0]);
    api.cutNextChange();
    await provider.remove([record], providerContext());
  });

  const { errorInside, hasTwins = false } = dialect;
  if (errorInside !== undefined) {
    it("is not believed where an error is inside of a 200", async ({ api }) => {
      api.faults.push({ status: 200, body: JSON.stringify(errorInside.body) });
      const provider = await api.provider();
      const add = provider.add([dnsRecord("example.com")], providerContext());
      expect(await failureOf(add)).toMatch(/cannot be looked up: .* answers 200/);
    });
  }

  if (hasTwins) {
    it("says which zones there are, where there are two of one name", async ({ api }) => {
      api.zones.push({ id: 77, name: "example.com", records: [] });
      const provider = await api.provider();
      const add = provider.add([dnsRecord("example.com")], providerContext());
      await expect(add).rejects.toThrow(ConfigurationError);
      await expect(add).rejects.toThrow(/has several zones example\.com \(1 and 77\)/);
    });
  }
});
