/** DNS challenges that Pebble validates, in zones of a real BIND 9. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import type { AccountCredentials } from "../../sdk/acme";
import { dns01Solver, dnsAccount01Solver } from "../../sdk/challenges/dns-01";
import { createProvider as exec } from "../../sdk/challenges/dns-01/providers/exec/provider";
import { dnsPersist01Solver, persistentDnsRecord } from "../../sdk/challenges/dns-persist-01";
import { connect, register, type TestClient } from "../support/ca/issue";
import { type Pebble, startPebble } from "../support/ca/pebble";
import { describeUnless, missingTools } from "../support/process/tools";
import { type DnsLab, startDnsLab } from "../support/dns/dns-lab";
import { missingDnsTools } from "../support/dns/dns-tools";
import { prove } from "../support/dns/prove";
import { dnsRecord, providerContext, solverContext } from "../support/dns/records";

let lab: DnsLab;
let pebble: Pebble;
let client: TestClient;
let account: AccountCredentials;

const missing = missingDnsTools() ?? missingTools("pebble", "pebble-challtestsrv");

describeUnless(missing, "Pebble validates", () => {
  beforeAll(async () => {
    lab = await startDnsLab();
    pebble = await startPebble({ resolver: lab.resolver.server });
    client = connect(pebble);
    account = await register(client.client);
  });
  afterAll(async () => {
    await client.close();
    await pebble.stop();
    await lab.stop();
  });
  afterEach(async () => {
    expect(await lab.leftovers()).toEqual([]);
  });

  const options = () => ({
    provider: lab.provider(),
    resolvers: lab.resolvers,
    port: lab.port,
    propagation: { timeout: "30s" },
  });

  it("a domain, its wildcard, and names behind CNAMEs and a DNAME, by dns-01", async () => {
    const names = [
      "example.test",
      "*.example.test",
      "cname.example.test",
      "far.example.test",
      "*.x.dname.example.test",
      "deep.down.example.test",
    ];
    const solver = dns01Solver(options());
    const statuses = await prove(client.client, account, names, solver, solverContext());
    expect(statuses).toEqual(names.map(() => "valid"));
  });

  it("a domain by dns-account-01", async () => {
    const solver = dnsAccount01Solver({ ...options(), accountUrl: account.accountUrl });
    const names = ["example.test", "*.example.test"];
    const statuses = await prove(client.client, account, names, solver, solverContext());
    expect(statuses).toEqual(["valid", "valid"]);
  });

  it("a domain and its wildcard by dns-persist-01, from the record that an account hands out", async () => {
    const { name, value } = persistentDnsRecord("*.example.test", {
      issuerDomainName: "pebble.test",
      accountUri: account.accountUrl,
      wildcard: true,
      persistUntil: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const permanent = { ...dnsRecord("example.test"), name, value };
    const names = ["example.test", "*.example.test"];
    const use = (timeout: string) => {
      const solver = dnsPersist01Solver({
        accountUrl: account.accountUrl,
        thumbprint: account.key.thumbprint,
        resolvers: lab.resolvers,
        port: lab.port,
        propagation: { timeout },
      });
      return prove(client.client, account, names, solver, solverContext());
    };
    await expect(use("1s")).rejects.toThrow(
      `dns-persist-01 needs the permanent records _validation-persist.example.test TXT "pebble.test; accounturi=${account.accountUrl}; policy=wildcard": the DNS records are not visible`,
    );
    await lab.provider().add([permanent], providerContext());
    try {
      expect(await use("30s")).toEqual(["valid", "valid"]);
      expect(await lab.leftovers()).toHaveLength(1);
    } finally {
      await lab.provider().remove([permanent], providerContext());
    }
  });

  it("what a hook writes into DNS by BIND's own nsupdate", async () => {
    const script = [
      'case "$1" in present) change="update add $2 60 TXT $3";; *) change="update delete $2 TXT $3";; esac',
      'printf "server 127.0.0.1 %s\\nzone example.test\\n%s\\nsend\\n" "$PORT" "$change" | nsupdate -y "$TSIG"',
    ].join("\n");
    const hook = exec({
      command: ["/bin/sh", "-c", script, "hook"],
      environment: { PORT: String(lab.primary.port), TSIG: lab.tsig },
    });
    const solver = dns01Solver({ ...options(), provider: hook });
    const names = ["example.test", "*.example.test", "www.example.test"];
    const statuses = await prove(client.client, account, names, solver, solverContext());
    expect(statuses).toEqual(["valid", "valid", "valid"]);
  });
});
