/** Dynamic updates at a real BIND 9. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { LookupAllOptions } from "node:dns";
import type * as DnsPromises from "node:dns/promises";
import { promisify } from "node:util";

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { Rfc2136Arguments } from "../../sdk/challenges/dns-01/providers/rfc2136/arguments";
import { createProvider as rfc2136 } from "../../sdk/challenges/dns-01/providers/rfc2136/provider";
import type { TsigAlgorithm } from "../../sdk/dns/tsig";
import { type Bind, startBind } from "../support/dns/bind";
import { freePort } from "../support/process/ports";
import { describeUnless } from "../support/process/tools";
import { missingDnsTools } from "../support/dns/dns-tools";
import { dnsRecord, providerContext } from "../support/dns/records";

const ALGORITHMS: TsigAlgorithm[] = [
  "hmac-sha1",
  "hmac-sha224",
  "hmac-sha256",
  "hmac-sha384",
  "hmac-sha512",
];
const keys = ALGORITHMS.map((algorithm) => ({
  name: `key-${algorithm}`,
  algorithm,
  secret: randomBytes(32).toString("base64"),
}));
const key = keys.find(({ algorithm }) => algorithm === "hmac-sha256") ?? keys[0];

let bind: Bind;

/** A name with two addresses, at the first of which nobody listens; all others are the system's. */
vi.mock("node:dns/promises", async (original) => {
  const dns = await original<typeof DnsPromises>();
  const two = ["127.9.9.9", "127.0.0.1"].map((address) => ({ address, family: 4 }));
  return {
    ...dns,
    lookup: (name: string, options: LookupAllOptions) =>
      name === "ns.two.test" ? Promise.resolve(two) : dns.lookup(name, options),
  };
});

function provider(options: Partial<Rfc2136Arguments> = {}, now?: () => number) {
  const { name = "", secret = "" } = key ?? {};
  return rfc2136({ server: bind.server, keyName: name, keySecret: secret, ...options }, now);
}

describeUnless(missingDnsTools(), "dynamic updates of DNS", () => {
  beforeAll(async () => {
    const grants = keys.map(({ name }) => `grant ${name} zonesub TXT`);
    bind = await startBind({
      keys,
      zones: [
        {
          name: "example.test",
          updatePolicy: grants,
          records: ["sub NS ns1.sub", "ns1.sub A 127.0.0.1"],
        },
        { name: "sub.example.test", updatePolicy: grants },
        {
          name: "narrow.test",
          updatePolicy: ["grant key-hmac-sha256 name _acme-challenge.narrow.test TXT"],
        },
      ],
    });
  });
  afterAll(() => bind.stop());

  afterEach(async () => {
    for (const zone of ["example.test", "sub.example.test", "narrow.test"]) {
      expect(await bind.txtRecords(zone)).toEqual([]);
    }
  });

  it.each(ALGORITHMS)(
    "are signed with %s, and the answer's signature is verified",
    async (keyAlgorithm) => {
      const { name: keyName = "", secret: keySecret = "" } =
        keys.find(({ algorithm }) => algorithm === keyAlgorithm) ?? {};
      const solver = provider({ keyAlgorithm, keyName, keySecret });
      const record = dnsRecord("a.example.test");
      await solver.add([record], providerContext());
      expect(await bind.dig(record.name, "TXT")).toEqual([`"${record.value}"`]);
      await solver.remove([record], providerContext());
      expect(await bind.rcode(record.name, "TXT")).toBe("NXDOMAIN");
    },
  );

  it("add two values under one name, and remove them one by one", async () => {
    const [first, second] = [dnsRecord("a.example.test"), dnsRecord("a.example.test")];
    await provider().add([first, second], providerContext());
    expect(await bind.dig(first.name, "TXT")).toEqual(
      [`"${first.value}"`, `"${second.value}"`].sort(),
    );
    await provider().remove([first], providerContext());
    expect(await bind.dig(first.name, "TXT")).toEqual([`"${second.value}"`]);
    await provider().remove([second], providerContext());
  });

  it("leave alone what others have put under the same name", async () => {
    const record = dnsRecord("a.example.test");
    await nsupdate(`update add ${record.name} 60 TXT "left over from before"`);
    await provider().add([record], providerContext());
    await provider().remove([record], providerContext());
    expect(await bind.dig(record.name, "TXT")).toEqual(['"left over from before"']);
    await nsupdate(`update delete ${record.name} TXT`);
  });

  it("are repeated without harm", async () => {
    const record = dnsRecord("a.example.test");
    await provider().add([record], providerContext());
    await provider().add([record], providerContext());
    expect(await bind.dig(record.name, "TXT")).toHaveLength(1);
    await provider().remove([record], providerContext());
    await provider().remove([record], providerContext());
  });

  it("go to the zone that holds the name, found from the name upwards", async () => {
    const above = dnsRecord("a.b.c.example.test");
    const below = dnsRecord("x.sub.example.test");
    await provider().add([above, below], providerContext());
    expect(await bind.txtRecords("example.test")).toEqual([`${above.name} "${above.value}"`]);
    expect(await bind.txtRecords("sub.example.test")).toEqual([`${below.name} "${below.value}"`]);
    await provider().remove([above, below], providerContext());
  });

  it("go over TCP when they do not fit into a datagram", async () => {
    const records = Array.from({ length: 40 }, (_, i) =>
      dnsRecord(`host-${String(i)}.example.test`),
    );
    await provider().add(records, providerContext());
    expect(await bind.txtRecords("example.test")).toHaveLength(40);
    await provider().remove(records, providerContext());
  });

  it("explain a wrong secret", async () => {
    const add = provider({ keySecret: randomBytes(32).toString("base64") }).add(
      [dnsRecord("a.example.test")],
      providerContext(),
    );
    await expect(add).rejects.toThrow(
      `${bind.server} does not add TXT records of _acme-challenge.a.example.test in zone example.test: NOTAUTH, BADSIG: the signature by key "key-hmac-sha256" is wrong; check keySecret`,
    );
  });

  it("explain a key that the server does not know", async () => {
    const add = provider({ keyName: "nobody." }).add(
      [dnsRecord("a.example.test")],
      providerContext(),
    );
    await expect(add).rejects.toThrow(
      'NOTAUTH, BADKEY: it knows no key "nobody" for hmac-sha256; check keyName and keyAlgorithm',
    );
  });

  it("explain clocks that differ", async () => {
    const late = provider({}, () => Math.floor(Date.now() / 1000) - 7200);
    await expect(late.add([dnsRecord("a.example.test")], providerContext())).rejects.toThrow(
      /NOTAUTH, BADTIME: its clock and this machine's differ by 7(199|20[0-9]) seconds; set them/,
    );
  });

  it("explain a policy that refuses", async () => {
    const add = provider().add([dnsRecord("other.narrow.test")], providerContext());
    await expect(add).rejects.toThrow(
      'zone narrow.test: REFUSED: its policy does not let key "key-hmac-sha256" change these records; see update-policy',
    );
    const allowed = dnsRecord("narrow.test");
    await provider().add([allowed], providerContext());
    await provider().remove([allowed], providerContext());
  });

  it("explain a zone that is not the server's, given or not found", async () => {
    const record = dnsRecord("a.example.org");
    await expect(provider().add([record], providerContext())).rejects.toThrow(
      "has no zone for _acme-challenge.a.example.org; give the argument zone",
    );
    await expect(
      provider({ zone: "example.org" }).add([record], providerContext()),
    ).rejects.toThrow(
      "NOTAUTH: it is not the primary server of example.org, or does not accept the key",
    );
  });

  it("try every zone, and tell of all that failed", async () => {
    const records = ["a.example.test", "x.narrow.test"].map(dnsRecord);
    const context = providerContext();
    await expect(provider().add(records, context)).rejects.toThrow("narrow.test: REFUSED");
    expect(context.notAdded).toHaveBeenCalledExactlyOnceWith(records.slice(1));
    expect(await bind.txtRecords("example.test")).toHaveLength(1);
    await provider().remove(records.slice(0, 1), providerContext());
  });

  it("go to the address at which the server listens, and stay there", async () => {
    const server = `ns.two.test:${String(bind.port)}`;
    const records = ["a.example.test", "b.example.test"].map(dnsRecord);
    const both = provider({ server });
    for (const record of records) await both.add([record], providerContext());
    expect(await bind.txtRecords("example.test")).toHaveLength(2);
    await both.remove(records, providerContext());
  });

  it("tell of each address of a server that is not there", async () => {
    const port = String(await freePort());
    for (const zone of [undefined, "example.test"]) {
      const add = provider({ server: `ns.two.test:${port}`, zone }).add(
        [dnsRecord("a.example.test")],
        providerContext(),
      );
      await expect(add).rejects.toThrow(
        `127.9.9.9:${port} has its port closed; 127.0.0.1:${port} has its port closed`,
      );
    }
  });

  it("tell of a server that is not there", async () => {
    const server = `127.0.0.1:${String(await freePort())}`;
    await expect(
      provider({ server, zone: "example.test" }).add(
        [dnsRecord("a.example.test")],
        providerContext(),
      ),
    ).rejects.toThrow(`${server} has its port closed`);
  });

  it("refuse a secret that is not base64, without showing it", () => {
    expect(() => provider({ keySecret: "not base64!" })).toThrow(
      /^rfc2136: keySecret must be base64, as tsig-keygen writes it$/,
    );
  });
});

/** The changes of somebody else, made by BIND's own client. */
async function nsupdate(change: string): Promise<void> {
  const script = [`server 127.0.0.1 ${String(bind.port)}`, "zone example.test", change, "send", ""];
  const { name = "", secret = "" } = key ?? {};
  const run = promisify(execFile)("nsupdate", ["-y", `hmac-sha256:${name}:${secret}`]);
  run.child.stdin?.end(script.join("\n"));
  await run;
}

describe("a server for dynamic updates", () => {
  it("is a name or an address, with a port or without", async () => {
    const use = (server: string) =>
      rfc2136({ server, keyName: "k", keySecret: "c2VjcmV0" }).add(
        [dnsRecord("a.example")],
        providerContext(),
      );
    await expect(use("a:b:c")).rejects.toThrow(
      'rfc2136: server "a:b:c" is not a host, or host:port',
    );
    await expect(use("no-such-host.invalid")).rejects.toThrow(
      "the name server no-such-host.invalid is not found",
    );
  });
});
