/** DNS challenges where there are resolvers and nothing else. */
import { afterAll, beforeAll, expect, it } from "vitest";

import { dns01Solver, type DnsProvider } from "../../sdk/challenges/dns-01";
import { type ChallTestServer, startChallTestServer } from "../support/ca/challtestsrv";
import { describeWithTools } from "../support/process/tools";
import { dnsProof, solverContext } from "../support/dns/records";

let dns: ChallTestServer;

describeWithTools(["pebble-challtestsrv"], "resolvers that know no zones", () => {
  beforeAll(async () => {
    dns = await startChallTestServer();
  });
  afterAll(() => dns.stop());

  const provider: DnsProvider = {
    label: "challtestsrv",
    add: async (records, { mayAdd }) => {
      mayAdd(records);
      for (const { name, value } of records) await dns.setTxt(name, value);
    },
    remove: async (records) => {
      for (const { name } of records) await dns.clearTxt(name);
    },
  };

  it("are looked at themselves, with a warning", async () => {
    const context = solverContext();
    const solver = dns01Solver({ provider, resolvers: [dns.dnsAddress] });
    const proofs = [dnsProof("a.example"), dnsProof("a.example", true), dnsProof("b.example")];
    const presentation = await solver.present(proofs, context);
    // Once, though two names are looked for; which is first is chance.
    expect(context.warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(
        /^DNS: the zone of _acme-challenge\.[ab]\.example is not found: there is no SOA record from it upwards; the resolvers are asked for the records instead$/,
      ),
    );
    await presentation.cleanUp();
  });

  it("are named when they do not have the record", async () => {
    const forgetful = { ...provider, add: () => Promise.resolve() };
    const propagation = { timeout: "1s" };
    const solver = dns01Solver({ provider: forgetful, resolvers: [dns.dnsAddress], propagation });
    await expect(solver.present([dnsProof("a.example")], solverContext())).rejects.toThrow(
      `${dns.dnsAddress} does not have _acme-challenge.a.example yet`,
    );
  });

  it("show where a CNAME leads", async () => {
    await dns.setCname("_acme-challenge.c.example", "c.elsewhere.example");
    const names: string[] = [];
    const context = solverContext();
    const presentation = await dns01Solver({
      provider: {
        ...provider,
        add: (records, within) => {
          names.push(...records.map(({ name }) => name));
          return provider.add(records, within);
        },
      },
      resolvers: [dns.dnsAddress],
      propagation: { check: "resolvers" },
    }).present([dnsProof("c.example")], context);
    expect(names).toEqual(["c.elsewhere.example"]);
    expect(context.warn).not.toHaveBeenCalled();
    await presentation.cleanUp();
  });
});
