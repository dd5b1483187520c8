/** `AcmeCertificate`'s handler against Pebble: one certificate whose names are proven in different ways. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { persistentDnsRecord } from "../../sdk/challenges/dns-persist-01";
import { factsOf } from "../support/ca/state";
import type { AccountReference } from "../../sdk/issuance/arguments";
import { certificateHandler } from "../../sdk/provider/certificate";
import { guard, type Properties } from "../../sdk/provider/engine/handler";
import { registerAccount } from "../support/ca/acme-account";
import { startPebble, type Pebble } from "../support/ca/pebble";

const handler = guard(certificateHandler);
let pebble: Pebble;
let account: AccountReference;
let hook: Server;
/** Records that are there now: `name value`. */
const records = new Set<string>();

beforeAll(async () => {
  pebble = await startPebble();
  account = await registerAccount(pebble);
  hook = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { fqdn, value } = JSON.parse(Buffer.concat(chunks).toString()) as {
        fqdn: string;
        value: string;
      };
      if (request.url === "/present") records.add(`${fqdn} ${value}`);
      else records.delete(`${fqdn} ${value}`);
      await pebble.dns.clearTxt(fqdn);
      for (const record of records) {
        const [name = "", text = ""] = record.split(" ");
        if (name === fqdn) await pebble.dns.setTxt(name, text);
      }
      response.end();
    })();
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  hook.close();
  await pebble.stop();
});

function resolving() {
  return { check: "resolvers", resolvers: [pebble.dns.dnsAddress] };
}

function asked(changes: Properties): Properties {
  const url = `http://127.0.0.1:${String((hook.address() as AddressInfo).port)}`;
  const resolvers = [pebble.dns.dnsAddress];
  return {
    account,
    profile: "default",
    solvers: [
      { http01: { listener: { port: pebble.httpPort, address: "127.0.0.1" } } },
      {
        dnsNames: ["alpn.example"],
        tlsAlpn01: { listener: { port: pebble.tlsPort, address: "127.0.0.1" } },
      },
      { dnsZones: ["dns.example"], dns01: { webhook: { url } } },
      { dnsZones: ["account.example"], dnsAccount01: { webhook: { url } } },
    ],
    propagation: resolving(),
    preflight: { httpPort: pebble.httpPort, tlsPort: pebble.tlsPort, resolvers },
    ...changes,
  };
}

async function create(changes: Properties): Promise<Properties> {
  expect((await handler.check({}, asked(changes))).failures).toEqual([]);
  return (await handler.create(asked(changes))).outs;
}

describe("one certificate of ten names and an address", () => {
  it("is proven by http-01, tls-alpn-01, dns-01 and dns-account-01, an apex beside its wildcard, and no record stays", async () => {
    const dnsNames = [
      ...["one", "two", "three"].map((label) => `${label}.http.example`),
      "alpn.example",
      "dns.example",
      "*.dns.example",
      "a.dns.example",
      "*.b.dns.example",
      "account.example",
      "*.account.example",
    ];
    const outs = await create({ dnsNames, ipAddresses: ["127.0.0.1"] });
    expect(outs["dnsNames"]).toEqual([...dnsNames].sort());
    expect(outs["ipAddresses"]).toEqual(["127.0.0.1"]);
    expect([...records]).toEqual([]);
  });

  it("is refused where its address could only be proven by DNS", async () => {
    const solvers = [{ dns01: { webhook: { url: "http://127.0.0.1:1" } } }];
    const { failures } = await handler.check({}, asked({ ipAddresses: ["127.0.0.1"], solvers }));
    expect(failures.map(({ reason }) => reason)).toEqual([
      "ipAddresses[0]: 127.0.0.1 is an IP address, which no DNS solver can prove",
    ]);
  });

  it("leaves no record behind when the CA refuses one of the names", async () => {
    await pebble.dns.addA("elsewhere.http.example", "127.0.0.2");
    const work = handler.create(
      asked({ dnsNames: ["x.dns.example", "elsewhere.http.example"], preflight: false }),
    );
    await expect(work).rejects.toThrow(/elsewhere\.http\.example \(http-01\)/);
    expect([...records]).toEqual([]);
  });

  it("is proven by the account's permanent record, again and again, without any change (dns-persist-01)", async () => {
    const record = persistentDnsRecord("persist.example", {
      issuerDomainName: "pebble.test",
      accountUri: account.accountUrl,
      wildcard: true,
    });
    const names = ["persist.example", "*.persist.example"];
    const changes = { dnsNames: names, solvers: [{ dnsPersist01: {} }] };
    const soon = { ...asked(changes), propagation: { ...resolving(), timeout: "2s" } };
    await expect(handler.create(soon)).rejects.toThrow(
      `_validation-persist.persist.example TXT "pebble.test; accounturi=${account.accountUrl}`,
    );
    await pebble.dns.setTxt(`${record.name}.`, record.value);
    const outs = await create(changes);
    expect(outs["dnsNames"]).toEqual([...names].sort());
    const again = await handler.update("id", outs, asked({ ...changes, triggers: [1] }));
    expect(factsOf(again.outs).serialNumber).not.toBe(factsOf(outs).serialNumber);
  });
});
