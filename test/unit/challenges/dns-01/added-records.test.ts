/** Which records are removed again. */
import { describe, expect, it, vi } from "vitest";

import { AddedRecords } from "../../../../sdk/challenges/dns-01/added-records";
import type { DnsProvider, DnsRecord } from "../../../../sdk/challenges/dns-01";
import { createDnsProvider } from "../../../../sdk/challenges/dns-01/providers";
import { dnsRecord, solverContext } from "../../../support/dns/records";

const records = [dnsRecord("a.example"), dnsRecord("b.example")];

function presentation(provider: DnsProvider, of: readonly DnsRecord[] = records): AddedRecords {
  return new AddedRecords("dns-01", [provider], of, solverContext(), true, "");
}

/** A service at which `add` goes as the test wants it. */
function service(add: DnsProvider["add"]) {
  return { label: "service", add, remove: vi.fn(() => Promise.resolve()) };
}

describe("records that could not be added", () => {
  it("are not removed where nothing was written: that would fail in the same way", async () => {
    const provider = service(() => Promise.reject(new Error("no such zone")));
    const added = presentation(provider);
    await expect(added.add()).rejects.toThrow("service: no such zone");
    await added.cleanUp();
    expect(provider.remove).not.toHaveBeenCalled();
  });

  it("are removed as far as they may have been written, and named where that fails", async () => {
    const provider = service((all, { mayAdd }) => {
      mayAdd(all.slice(0, 1));
      return Promise.reject(new Error("no answer"));
    });
    const added = presentation(provider);
    await expect(added.add()).rejects.toThrow("no answer");
    provider.remove.mockRejectedValueOnce(new Error("still no answer"));
    await expect(added.cleanUp()).rejects.toThrow(
      /^dns-01: TXT records may be left under _acme-challenge.a.example: service: still no answer$/,
    );
    await added.cleanUp();
    await added.cleanUp();
    expect(provider.remove.mock.calls.map(([own]: unknown[]) => own)).toEqual([
      records.slice(0, 1),
      records.slice(0, 1),
    ]);
  });

  it("are not removed where the service has refused them", async () => {
    const provider = service((all, { mayAdd, notAdded }) => {
      mayAdd(all);
      notAdded(all);
      return Promise.reject(new Error("forbidden"));
    });
    const added = presentation(provider);
    await expect(added.add()).rejects.toThrow("forbidden");
    await added.cleanUp();
    expect(provider.remove).not.toHaveBeenCalled();
  });

  it("are removed by who gave up, where another certificate had added them", async () => {
    const provider = service((all, { mayAdd }) => {
      mayAdd(all);
      return Promise.resolve();
    });
    const one = presentation(provider);
    await one.add();
    provider.add = () => Promise.reject(new Error("no such zone"));
    const other = presentation(provider);
    await expect(other.add()).rejects.toThrow("no such zone");
    await one.cleanUp();
    expect(provider.remove).not.toHaveBeenCalled();
    await other.cleanUp();
    expect(provider.remove).toHaveBeenCalledExactlyOnceWith(records, expect.anything());
  });
});

it("records at two accounts of one service are removed at both", async () => {
  const add: DnsProvider["add"] = (all, { mayAdd }) => {
    mayAdd(all);
    return Promise.resolve();
  };
  const accounts = ["one", "other"].map((identity) => ({ ...service(add), identity }));
  const added = new AddedRecords("dns-01", accounts, records, solverContext(), true, "");
  await added.add();
  await added.cleanUp();
  for (const { remove } of accounts) {
    expect(remove).toHaveBeenCalledExactlyOnceWith(records, expect.anything());
  }
});

it("providers with the same arguments are one, those of another zone or account are not", async () => {
  const identityOf = async (apiToken: string, zoneId: string) =>
    (await createDnsProvider({ cloudflare: { apiToken, zoneId } })).identity;
  expect(await identityOf("a", "1")).toBe(await identityOf("a", "1"));
  expect(await identityOf("a", "1")).not.toBe(await identityOf("a", "2"));
  expect(await identityOf("a", "1")).not.toBe(await identityOf("b", "1"));
});
