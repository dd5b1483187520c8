/** What Azure, Google and OVHcloud alone have: others who write at the same time, private zones, publishing. */
import { afterEach, describe, expect, it } from "vitest";

import type { AzureArguments } from "../../../../../sdk/challenges/dns-01/providers/azure/arguments";
import { messageOf } from "../../../../../sdk/util/errors";
import { dnsRecord, providerContext } from "../../../../support/dns/records";
import { azure } from "../../../../support/dns/services/azure";
import { googleCloud } from "../../../../support/dns/services/google-cloud";
import { ovh } from "../../../../support/dns/services/ovh";
import {
  type Dialect,
  type StandIn,
  startStandIn,
} from "../../../../support/dns/services/stand-in";

const running: StandIn[] = [];
async function standIn(dialect: Dialect): Promise<StandIn> {
  const api = await startStandIn(dialect);
  running.push(api);
  return api;
}
afterEach(() => Promise.all(running.splice(0).map((api) => api.stop())));

describe.each([azure, googleCloud])("$name", (dialect) => {
  it("reads a set again that somebody else has changed since", async () => {
    const other = { ...dnsRecord("example.com"), type: "TXT", id: 1 };
    const own = dnsRecord("example.com");
    let times = 0;
    const api = await standIn({
      ...dialect,
      answer: (call) => {
        const isWrite = ["PUT", "POST"].includes(call.method) && !call.path.endsWith("token");
        const [zone] = call.zones;
        if (isWrite && times++ === 0 && zone !== undefined) {
          call.add(zone, { name: other.name, type: "TXT", content: other.value, ttl: 60 });
        }
        return dialect.answer(call);
      },
    });
    const context = providerContext();
    await (await api.provider()).add([own], context);
    expect(api.values()).toEqual([own, other].map(({ name, value }) => `${name} ${value}`).sort());
    expect(times).toBe(2);
  });
});

describe("Google Cloud DNS", () => {
  const withPrivateTwin: Dialect = {
    ...googleCloud,
    answer: (call) => {
      const reply = googleCloud.answer(call);
      const { managedZones } = reply.body as { managedZones?: object[] };
      if (managedZones === undefined) return reply;
      const twin = { name: "inside", dnsName: call.query.get("dnsName"), visibility: "private" };
      return { ...reply, body: { managedZones: [twin, ...managedZones] } };
    },
  };

  it("uses the public one of two zones of one name", async () => {
    const api = await standIn(withPrivateTwin);
    const record = dnsRecord("www.example.com");
    await (await api.provider()).add([record], providerContext());
    expect(api.values()).toEqual([`${record.name} ${record.value}`]);
  });

  it("uses the one of several public zones that is named", async () => {
    const api = await standIn(googleCloud);
    api.zones.push({ id: 77, name: "example.com", records: [] });
    const provider = await api.provider(undefined, { managedZone: "77" });
    await provider.add([dnsRecord("www.example.com")], providerContext());
    expect(api.zones.map(({ records }) => records.length)).toEqual([0, 0, 0, 1]);
  });

  it.each([
    [{ private_key: "no key" }, "private_key of credentials cannot be read"],
    [{ token_uri: "http://evil.example/token" }, "token_uri of credentials must be an https URL"],
    [{ project_id: undefined }, "the credentials of Google Cloud name no project: give project"],
  ])("says what is wrong with a key file: %o", async (change, words) => {
    const api = await standIn(googleCloud);
    const { credentials } = googleCloud.argumentsFor(api.url, "whole-account-secret") as {
      credentials: string;
    };
    const key = { ...(JSON.parse(credentials) as object), ...change };
    const provider = await api.provider(undefined, { credentials: JSON.stringify(key) });
    const message = await provider
      .add([dnsRecord("example.com")], providerContext())
      .catch(messageOf);
    expect(message).toContain(words);
  });
});

describe("OVHcloud", () => {
  it("publishes the zone after what was added, left over and removed", async () => {
    const api = await standIn(ovh);
    const published = () => api.calls.filter(({ path }) => path.endsWith("/refresh")).length;
    const record = dnsRecord("example.com");
    await (await api.provider()).add([record], providerContext());
    expect(published()).toBe(1);
    await (await api.provider()).add([record], providerContext());
    expect(published()).toBe(2);
    await (await api.provider()).remove([record], providerContext());
    expect(published()).toBe(3);
    await (await api.provider()).remove([record], providerContext());
    expect(published()).toBe(3);
  });

  it("signs with the time of the API, and again where a call has taken too long", async () => {
    const api = await standIn(ovh);
    const late = JSON.stringify({ errorCode: "QUERY_TIME_OUT", message: "Query out of time" });
    const provider = await api.provider();
    await provider.add([dnsRecord("a.example.com")], providerContext());
    api.faults.push({ status: 403, body: late });
    await provider.add([dnsRecord("b.example.com")], providerContext());
    expect(api.values()).toHaveLength(2);
  });

  it("finds its zone with a consumer key for that zone alone", async () => {
    const api = await standIn({
      ...ovh,
      answer: (call) =>
        /zone\/example\.com|auth/.test(call.path) ? ovh.answer(call) : ovh.forbidden,
    });
    await (await api.provider()).add([dnsRecord("a.b.example.com")], providerContext());
    expect(api.values()).toHaveLength(1);
  });
});

describe("Azure", () => {
  it("is told apart from a login that is not there", async () => {
    const api = await standIn(azure);
    const given = azure.argumentsFor(api.url, "") as AzureArguments;
    const provider = await api.provider(undefined, { ...given, clientSecret: undefined });
    const message = await provider
      .add([dnsRecord("example.com")], providerContext())
      .catch(messageOf);
    expect(message).toMatch(
      /no credentials for Azure are found here: .*; give tenantId, clientId and clientSecret, or log in/,
    );
  });
});
