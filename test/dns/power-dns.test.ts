/** TXT records in a real PowerDNS, by its HTTP API; a certificate from Pebble, which asks it. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import { createProvider as powerDns } from "../../sdk/challenges/dns-01/providers/power-dns/provider";
import { certificateHandler } from "../../sdk/provider/certificate";
import { guard } from "../../sdk/provider/engine/handler";
import { registerAccount } from "../support/ca/acme-account";
import { type Pebble, startPebble } from "../support/ca/pebble";
import { factsOf } from "../support/ca/state";
import { type PowerDns, startPowerDns } from "../support/dns/power-dns";
import { dnsRecord, providerContext } from "../support/dns/records";
import { describeUnless, missingTools } from "../support/process/tools";

const ZONES = ["example.test", "sub.example.test"];
let pdns: PowerDns;

const provider = (changes = {}) =>
  powerDns({ apiUrl: `${pdns.apiUrl}//`, apiKey: pdns.apiKey, ...changes });
const left = async () => (await Promise.all(ZONES.map((zone) => pdns.txtRecords(zone)))).flat();
const missing = missingTools("pdns_server", "pebble", "pebble-challtestsrv");

describeUnless(missing, "PowerDNS", () => {
  beforeAll(async () => {
    // Of this kind are zones whose secondaries have to be told.
    pdns = await startPowerDns(ZONES, "Master");
  });
  afterAll(() => pdns.stop());
  afterEach(async () => {
    expect(await left()).toEqual([]);
  });

  it("serves records of many names at once, each in its zone, and its secondaries are told", async () => {
    const names = ["example.test", "a.b.example.test", "x.sub.example.test"];
    const records = [...names, "example.test"].map(dnsRecord);
    await provider().add(records, providerContext());
    expect(await left()).toEqual(records.map(({ name, value }) => `${name} ${value}`).sort());
    expect(await pdns.dig("_acme-challenge.example.test", "TXT")).toEqual(
      [records[0], records[3]].map((record) => `"${record?.value ?? ""}"`).sort(),
    );
    expect(pdns.output()).toContain("queue notification for domain 'example.test'");
    await provider().remove(records.slice(3), providerContext());
    expect(await pdns.dig("_acme-challenge.example.test", "TXT")).toEqual([
      `"${records[0]?.value ?? ""}"`,
    ]);
    await provider().remove(records, providerContext());
    await provider().remove(records, providerContext());
  });

  it("keeps what others have under the name, as it is", async () => {
    const record = dnsRecord("kept.example.test");
    const name = `${record.name}.`;
    const others = [String.raw`"with \"quotes\" and \\"`, '"in two" "parts"'];
    const set = { name, type: "TXT", ttl: 77, changetype: "REPLACE" };
    const records = others.map((content) => ({ content, disabled: false }));
    await pdns.api("PATCH", "/zones/example.test.", { rrsets: [{ ...set, records }] });
    await provider().add([record], providerContext());
    await provider().add([record], providerContext());
    expect(await pdns.dig(name, "TXT")).toEqual([...others, `"${record.value}"`].sort());
    await provider().remove([record], providerContext());
    expect(await pdns.dig(name, "TXT")).toEqual(others.sort());
    await pdns.api("PATCH", "/zones/example.test.", { rrsets: [{ ...set, changetype: "DELETE" }] });
  });

  it.each([
    [
      "the key",
      { apiKey: "wrong-api-key" },
      /answers 401: Unauthorized; apiKey must be the server's api-key/,
    ],
    ["the server", { serverId: "other" }, /answers 404: Not Found; the server must have api=yes/],
    [
      "the zone",
      { zone: "example.org" },
      /_acme-challenge\.example\.test is not in the zone example\.org/,
    ],
  ])("says what is wrong with %s", async (_what, changes, message) => {
    const add = provider(changes).add([dnsRecord("example.test")], providerContext());
    await expect(add).rejects.toThrow(message);
  });

  it("says which zone is missing", async () => {
    const add = provider().add([dnsRecord("www.example.com")], providerContext());
    await expect(add).rejects.toThrow(
      /^no zone for _acme-challenge\.www\.example\.com is visible at PowerDNS at 127\.0\.0\.1:\d+ with these credentials \(looked for www\.example\.com and example\.com\): create the zone there, or give zone$/,
    );
  });

  it("is enough for a certificate of a domain, its wildcard, and a name in a zone below", async () => {
    const pebble: Pebble = await startPebble({ resolver: pdns.server });
    try {
      const args = {
        account: await registerAccount(pebble),
        dnsNames: ["example.test", "*.example.test", "www.sub.example.test"],
        profile: "default",
        solvers: [{ dns01: { powerDns: { apiUrl: pdns.apiUrl, apiKey: ` ${pdns.apiKey}\n` } } }],
        propagation: { check: "resolvers", resolvers: [pdns.server] },
        preflight: false,
      };
      const handler = guard(certificateHandler);
      const { inputs, failures } = await handler.check({}, args);
      expect(failures).toEqual([]);
      const { outs } = await handler.create(inputs);
      expect(factsOf(outs).dnsNames.sort()).toEqual(args.dnsNames.sort());
    } finally {
      await pebble.stop();
    }
  });
});
