/** TXT records by a web service of the user's. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createProvider as webhook } from "../../../../../sdk/challenges/dns-01/providers/webhook/provider";
import { dnsRecord, providerContext } from "../../../../support/dns/records";
import { startHttpReq, type WebService } from "../../../../support/dns/httpreq";

const credentials = { username: "user", password: "pässword: with a colon" };
let service: WebService;
beforeEach(async () => {
  service = await startHttpReq(credentials);
});
afterEach(() => service.stop());

describe("a DNS webhook", () => {
  it("is posted the record's name with a dot, and its value, with basic authentication", async () => {
    const provider = webhook({ url: `${service.url}/hooks/`, ...credentials });
    const record = dnsRecord("a.example");
    await provider.add([record], providerContext());
    await provider.remove([record], providerContext());
    const body = { fqdn: "_acme-challenge.a.example.", value: record.value };
    expect(service.calls).toEqual([
      { path: "POST /hooks/present", body },
      { path: "POST /hooks/cleanup", body },
    ]);
  });

  it("is posted domain, token and key authorization in raw mode", async () => {
    const provider = webhook({ url: service.url, ...credentials, mode: "raw" });
    const record = dnsRecord("a.example");
    await provider.add([record], providerContext());
    const { token, keyAuthorization: keyAuth } = record;
    expect(service.calls).toEqual([
      { path: "POST /present", body: { domain: "a.example", token, keyAuth } },
    ]);
  });

  it("that refuses the credentials is named, without them", async () => {
    const provider = webhook({ url: service.url, username: "user", password: "wrong-password" });
    await expect(provider.add([dnsRecord("a.example")], providerContext())).rejects.toThrow(
      `present of _acme-challenge.a.example: ${service.url} answers 401 (check username and password): {"error":"who are you?"}`,
    );
  });

  it("that is busy is asked again after as long as it says", async () => {
    service.faults.push({ status: 429, headers: { "Retry-After": "1" } }, { status: 503 });
    const provider = webhook({ url: service.url, ...credentials });
    const context = providerContext();
    const started = Date.now();
    await provider.add([dnsRecord("a.example")], context);
    expect(service.calls).toHaveLength(3);
    expect(Date.now() - started).toBeGreaterThanOrEqual(1000);
    expect(context.progress).toHaveBeenCalledWith(
      `the webhook ${service.url} answers 429; next try in 1 s`,
    );
  });

  it("that wants to be left alone for long is told of at once", async () => {
    service.faults.push({ status: 429, headers: { "Retry-After": "3600" }, body: "slow down" });
    const provider = webhook({ url: service.url, ...credentials });
    await expect(provider.add([dnsRecord("a.example")], providerContext())).rejects.toThrow(
      `present of _acme-challenge.a.example: the webhook ${service.url} answers 429: slow down, and wants the next request in 3600 s`,
    );
  });

  it("that stays broken is told of after five times", async () => {
    const now = { status: 500, headers: { "Retry-After": "0" }, body: "out of order" };
    service.faults.push(now, now, now, now, now);
    const provider = webhook({ url: service.url, ...credentials });
    await expect(provider.add([dnsRecord("a.example")], providerContext())).rejects.toThrow(
      "answers 500: out of order, 5 times; try again later",
    );
  });

  it("is tried for every name, and the errors of all are told", async () => {
    service.faults.push({ status: 400, body: "no zone" }, { status: 400, body: "no zone" });
    const provider = webhook({ url: service.url, ...credentials });
    const records = ["a.example", "b.example", "c.example"].map(dnsRecord);
    await expect(provider.add(records, providerContext())).rejects.toMatchObject({
      errors: [{ message: expect.stringContaining("400: no zone") as string }, {}],
    });
    expect(service.calls).toHaveLength(3);
  });
});
