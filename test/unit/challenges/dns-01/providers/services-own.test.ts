/** What single DNS services do that no other does, at their stand-ins. */
import { afterEach, expect, it } from "vitest";

import { dnsRecord, providerContext } from "../../../../support/dns/records";
import { gandi } from "../../../../support/dns/services/gandi";
import { hetzner } from "../../../../support/dns/services/hetzner";
import { linode } from "../../../../support/dns/services/linode";
import { porkbun } from "../../../../support/dns/services/porkbun";
import { powerDns } from "../../../../support/dns/services/power-dns";
import { type StandIn, startStandIn, WHOLE } from "../../../../support/dns/services/stand-in";

let api: StandIn;
afterEach(async () => {
  expect(api.values()).toEqual([]);
  await api.stop();
});

const answer = (status: number, body: unknown) => ({ status, body: JSON.stringify(body) });

it("Hetzner is given time while it changes the zone for somebody else", async () => {
  api = await startStandIn(hetzner);
  const locked = answer(423, { error: { code: "locked", message: "item is locked" } });
  const provider = await api.provider();
  const record = dnsRecord("example.com");
  await provider.add([record], providerContext());
  api.faults.push(locked);
  const context = providerContext();
  await provider.remove([record], context);
  expect(context.progress).toHaveBeenCalledWith(expect.stringContaining("Hetzner answers 423: {"));
});

it("Hetzner's action that fails is no success", async () => {
  api = await startStandIn(hetzner, { zones: ["example.com"] });
  const zone = answer(200, { zone: { id: 1, name: "example.com" } });
  const none = answer(404, { error: { code: "not_found", message: "not found" } });
  const error = { code: "action_failed", message: "Action failed" };
  const failed = answer(200, { action: { id: 1, status: "error", error } });
  api.faults.push(zone, none, failed);
  const context = providerContext();
  const record = dnsRecord("example.com");
  await expect((await api.provider()).add([record], context)).rejects.toThrow(
    "the TXT record of _acme-challenge.example.com cannot be added in example.com: Hetzner's action failed: Action failed",
  );
  expect(context.notAdded).toHaveBeenCalledExactlyOnceWith([record]);
});

it("Hetzner's action that cannot be watched may have added the record: it is removed again", async () => {
  api = await startStandIn(hetzner, { zones: ["example.com"] });
  const zone = answer(200, { zone: { id: 1, name: "example.com" } });
  const none = answer(404, { error: { code: "not_found", message: "not found" } });
  const running = answer(200, { action: { id: 1, status: "running", error: null } });
  const forbidden = answer(403, { error: { code: "forbidden", message: "not yours" } });
  // Also the look whether the record is there.
  api.faults.push(zone, none, running, forbidden, forbidden);
  const context = providerContext();
  const add = (await api.provider()).add([dnsRecord("example.com")], context);
  await expect(add).rejects.toThrow(/Hetzner answers 403: .*not yours/);
  expect(context.notAdded).not.toHaveBeenCalled();
});

it("PowerDNS' record counts as added where its secondaries cannot be told, and they are told by the next add", async () => {
  api = await startStandIn(powerDns, { zones: ["example.com"] });
  const id = "example.com.";
  const record = dnsRecord("example.com");
  const rrset = { name: `${record.name}.`, type: "TXT", ttl: 60 };
  const records = [{ content: `"${record.value}"`, disabled: false }];
  const zone = answer(200, [{ id, name: id, kind: "Primary" }]);
  const refused = answer(422, { error: "notify is off" });
  api.faults.push(zone, answer(200, { rrsets: [] }), { status: 204 }, refused);
  const context = providerContext();
  const provider = await api.provider();
  await expect(provider.add([record], context)).rejects.toThrow(/answers 422: notify is off/);
  expect(context.mayAdd).toHaveBeenCalledExactlyOnceWith([record]);
  expect(context.notAdded).not.toHaveBeenCalled();
  api.faults.push(answer(200, { rrsets: [{ ...rrset, records }] }), answer(200, { result: "ok" }));
  await provider.add([record], providerContext());
  expect(api.calls.at(-1)?.path).toBe(`PUT /api/v1/servers/localhost/zones/${id}/notify`);
  expect(api.calls).toHaveLength(6);
});

it("Gandi's token for some domains finds them, though it is forbidden to look at other names", async () => {
  api = await startStandIn(gandi, { zones: ["example.org"] });
  const record = dnsRecord("a.b.example.org");
  const provider = await api.provider();
  await provider.add([record], providerContext());
  expect(api.calls.map(({ path }) => path)).toContain("GET /v5/livedns/domains/a.b.example.org");
  await provider.remove([record], providerContext());
});

it("A zone may be given by its international name", async () => {
  api = await startStandIn(gandi, { zones: ["xn--bcher-kva.example"] });
  const record = dnsRecord("www.xn--bcher-kva.example");
  const provider = await api.provider(WHOLE, { zone: "Bücher.example." });
  await provider.add([record], providerContext());
  await provider.remove([record], providerContext());
});

it("Linode's zones that are copies of another server's are not used", async () => {
  api = await startStandIn(linode);
  api.faults.push(
    answer(200, { data: [], page: 1, pages: 1 }),
    answer(200, { data: [{ id: 9, domain: "example.com", type: "slave" }], page: 1, pages: 1 }),
    answer(200, { data: [], page: 1, pages: 1 }),
    answer(200, { data: [{ id: 9, domain: "example.com", type: "slave" }], page: 1, pages: 1 }),
  );
  const add = (await api.provider()).add([dnsRecord("www.example.com")], providerContext());
  await expect(add).rejects.toThrow(
    "no zone for _acme-challenge.www.example.com is visible at Linode",
  );
});

it.each([
  ["INVALID_API_KEYS_001", "Invalid API key. (001)", "must be a pair that is valid"],
  ["IP_NOT_ALLOWED", "IP is not allowed.", "must be allowed for the address of this machine"],
  [undefined, "Domain is not opted in to API access.", "turn on API Access in the details"],
])("Porkbun's refusal %s is explained, with status 200 too", async (code, message, remedy) => {
  api = await startStandIn(porkbun);
  api.faults.push(answer(200, { status: "ERROR", code, message }));
  const add = (await api.provider()).add([dnsRecord("example.com")], providerContext());
  await expect(add).rejects.toThrow(
    `zone example.com cannot be looked up: Porkbun answers 200: ${message}; `,
  );
  await expect(add).rejects.toThrow(remedy);
});
