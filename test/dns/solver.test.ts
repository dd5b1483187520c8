/** dns-01 by records in a real BIND 9: delegation, propagation, clean-up. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  dns01Solver,
  dnsAccount01Solver,
  type DnsProvider,
  type DnsRecord,
  type DnsSolverOptions,
} from "../../sdk/challenges/dns-01";
import type { Presentation, Solver } from "../../sdk/challenges/solver";
import { describeUnless } from "../support/process/tools";
import { type DnsLab, startDnsLab } from "../support/dns/dns-lab";
import { missingDnsTools } from "../support/dns/dns-tools";
import { dnsProof, solverContext, valueOf } from "../support/dns/records";

let lab: DnsLab;

function optionsWith(options: Partial<DnsSolverOptions> = {}): DnsSolverOptions {
  return {
    provider: lab.provider(),
    resolvers: lab.resolvers,
    port: lab.port,
    propagation: { timeout: "20s" },
    ...options,
  };
}

describeUnless(missingDnsTools(), "dns-01 at real name servers", () => {
  beforeAll(async () => {
    lab = await startDnsLab();
  });
  afterAll(() => lab.stop());
  beforeEach(() => {
    for (const relay of [lab.ns1, lab.ns2, lab.ns1v6]) {
      Object.assign(relay, { silent: false, rcode: undefined, questions: 0 });
    }
  });
  const presented: Presentation[] = [];
  afterEach(async () => {
    const left = await lab.leftovers();
    // What a test that failed has left would fail the next ones, too.
    for (const each of presented.splice(0)) await each.cleanUp();
    expect(left).toEqual([]);
  });

  const remember = (solver: Solver): Solver => ({
    ...solver,
    present: async (proofs, context) => {
      const presentation = await solver.present(proofs, context);
      presented.push(presentation);
      return presentation;
    },
  });
  const solve = (options: Partial<DnsSolverOptions> = {}) =>
    remember(dns01Solver(optionsWith(options)));

  it("shows the record at every authoritative server, and takes it away again", async () => {
    const proof = dnsProof("a.example.test");
    const presentation = await solve().present([proof], solverContext());
    for (const relay of [lab.ns1, lab.ns2, lab.ns1v6]) expect(relay.questions).toBeGreaterThan(0);
    expect(await lab.leftovers()).toEqual([`_acme-challenge.a.example.test "${valueOf(proof)}"`]);
    await presentation.cleanUp();
    await presentation.cleanUp();
  });

  it("proves a domain and its wildcard together, by two values under one name", async () => {
    const proofs = [dnsProof("example.test"), dnsProof("example.test", true)];
    const presentation = await solve().present(proofs, solverContext());
    expect(await lab.primary.dig("_acme-challenge.example.test", "TXT")).toEqual(
      proofs.map((proof) => `"${valueOf(proof)}"`).sort(),
    );
    await presentation.cleanUp();
  });

  it.each([
    ["a CNAME", "cname.example.test", "cname.acme.test"],
    ["two CNAMEs", "far.example.test", "far.acme.test"],
    ["a DNAME", "x.dname.example.test", "_acme-challenge.x.acme.test"],
  ])("puts the record where %s leads, in another zone", async (_what, domain, target) => {
    const proof = dnsProof(domain);
    const presentation = await solve().present([proof], solverContext());
    expect(await lab.leftovers()).toEqual([`${target} "${valueOf(proof)}"`]);
    expect(await lab.resolver.dig(`_acme-challenge.${domain}`, "TXT")).toContain(
      `"${valueOf(proof)}"`,
    );
    await presentation.cleanUp();
  });

  it("leaves CNAMEs to the provider where it is told to, and still looks where they lead", async () => {
    const proof = dnsProof("cname.example.test");
    const names: string[] = [];
    const own = lab.provider();
    const follows = (record: DnsRecord): DnsRecord => {
      names.push(record.name);
      return { ...record, name: "cname.acme.test" };
    };
    const provider: DnsProvider = {
      label: "one that follows by itself",
      add: (records, context) => {
        context.mayAdd(records);
        return own.add(records.map(follows), { ...context, mayAdd: () => undefined });
      },
      remove: (records, context) => own.remove(records.map(follows), context),
    };
    const presentation = await solve({ provider, followCname: false }).present(
      [proof],
      solverContext(),
    );
    await presentation.cleanUp();
    expect(names).toEqual([
      "_acme-challenge.cname.example.test",
      "_acme-challenge.cname.example.test",
    ]);
  });

  it("tells of CNAMEs that go round, and of too many, for all names at once", async () => {
    const proofs = [
      dnsProof("loop.example.test"),
      dnsProof("long.example.test"),
      dnsProof("ok.example.test"),
    ];
    const present = solve().present(proofs, solverContext());
    await expect(present).rejects.toMatchObject({ name: "ChallengeError" });
    await expect(present).rejects.toThrow(
      "_acme-challenge.loop.example.test: its CNAMEs form a loop: _acme-challenge.loop.example.test → _acme-challenge.pool.example.test → _acme-challenge.loop.example.test",
    );
    await expect(present).rejects.toThrow(
      "_acme-challenge.long.example.test: more than 10 CNAMEs follow each other",
    );
  });

  it("waits for a server that is behind, and says so", async () => {
    lab.ns2.rcode = 3;
    const context = solverContext();
    context.progress.mockImplementation((message: string) => {
      if (message.startsWith("waits for")) lab.ns2.rcode = undefined;
    });
    const presentation = await solve().present([dnsProof("a.example.test")], context);
    expect(context.progress).toHaveBeenCalledWith(
      `waits for the DNS records: ns2.example.test (${lab.ns2.address}) does not have _acme-challenge.a.example.test yet`,
    );
    await presentation.cleanUp();
  });

  it.each([
    ["is stale", { rcode: 3 }, "does not have _acme-challenge.a.example.test yet"],
    [
      "is silent",
      { silent: true },
      "does not answer over UDP within 2 s, asked for _acme-challenge.a.example.test",
    ],
    ["fails", { rcode: 2 }, "answers SERVFAIL for _acme-challenge.a.example.test"],
    ["refuses", { rcode: 5 }, "answers REFUSED for _acme-challenge.a.example.test"],
  ])("gives up when one server %s, and leaves nothing behind", async (_what, fault, words) => {
    Object.assign(lab.ns2, fault);
    const present = solve({ propagation: { timeout: "3s" } }).present(
      [dnsProof("a.example.test")],
      solverContext(),
    );
    await expect(present).rejects.toThrow(
      "dns-01 for a.example.test: the DNS records are not visible everywhere after 3 seconds: ",
    );
    await expect(present).rejects.toThrow(`ns2.example.test (${lab.ns2.address}) ${words}`);
  });

  it("does without an address family over which nobody answers from here", async () => {
    lab.ns1v6.silent = true;
    const context = solverContext();
    const presentation = await solve().present([dnsProof("a.example.test")], context);
    expect(context.warn).toHaveBeenCalledWith(
      "DNS: no name server answers over IPv6 from here; only the others were checked",
    );
    await presentation.cleanUp();
  });

  it("waits once for a whole set of names", async () => {
    const proofs = Array.from({ length: 10 }, (_, i) => dnsProof(`host-${String(i)}.example.test`));
    lab.ns2.rcode = 3;
    const context = solverContext();
    const waits: string[] = [];
    context.progress.mockImplementation((message: string) => {
      if (!message.startsWith("waits for")) return;
      waits.push(message);
      lab.ns2.rcode = undefined;
    });
    const presentation = await solve().present(proofs, context);
    expect(waits[0]).toBe(
      `waits for the DNS records: ns2.example.test (${lab.ns2.address}) does not have 10 records yet`,
    );
    // One after the other would be ten waits; a secondary may take a moment for its transfer.
    expect(waits.length).toBeLessThan(5);
    await presentation.cleanUp();
  });

  it("looks at given resolvers alone, or at nobody after a delay", async () => {
    lab.ns2.silent = true;
    const proof = dnsProof("a.example.test");
    const byResolvers = await solve({
      propagation: { check: "resolvers", resolvers: lab.resolvers, timeout: "10s" },
    }).present([proof], solverContext());
    await byResolvers.cleanUp();
    const started = Date.now();
    const byNobody = await solve({ propagation: { check: "none", delay: "300ms" } }).present(
      [proof],
      solverContext(),
    );
    expect(Date.now() - started).toBeGreaterThanOrEqual(300);
    await byNobody.cleanUp();
  });

  it("keeps a record that another certificate still needs", async () => {
    const proof = dnsProof("a.example.test");
    const [one, other] = await Promise.all([
      solve().present([proof], solverContext()),
      solve().present([proof], solverContext()),
    ]);
    await one.cleanUp();
    await one.cleanUp();
    expect(await lab.leftovers()).toHaveLength(1);
    await other.cleanUp();
  });

  it("adds the records at every provider, and undoes all of it when one fails", async () => {
    const broken: DnsProvider = {
      label: "the inner server",
      add: () => Promise.reject(new Error("no such zone")),
      remove: () => Promise.resolve(),
    };
    const present = solve({ provider: [lab.provider(), broken] }).present(
      [dnsProof("a.example.test")],
      solverContext(),
    );
    await expect(present).rejects.toThrow(
      "dns-01 for a.example.test: the inner server: no such zone",
    );
  });

  it("undoes what it did when it is stopped in the middle", async () => {
    const controller = new AbortController();
    lab.ns2.rcode = 3;
    const context = { ...solverContext(), signal: controller.signal };
    context.progress.mockImplementation((message: string) => {
      if (message.startsWith("waits for")) controller.abort(new Error("interrupted"));
    });
    await expect(solve().present([dnsProof("a.example.test")], context)).rejects.toThrow(
      /^interrupted$/,
    );
  });

  it("proves by dns-account-01 under a name of the account's own", async () => {
    const proof = dnsProof("example.test", false, "dns-account-01");
    const accountUrl = "https://example.com/acme/acct/ExampleAccount";
    const solver = remember(dnsAccount01Solver({ ...optionsWith(), accountUrl }));
    const presentation = await solver.present([proof], solverContext());
    expect(await lab.leftovers()).toEqual([
      `_ujmmovf2vn55tgye._acme-challenge.example.test "${valueOf(proof)}"`,
    ]);
    await presentation.cleanUp();
  });
});

describe("a proof for DNS", () => {
  it("is refused for an address, and with a token that is none", async () => {
    const provider: DnsProvider = {
      label: "nobody",
      add: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    };
    const solver = dns01Solver({ provider, followCname: false, propagation: { check: "none" } });
    const proof = dnsProof("a.example");
    await expect(
      solver.present([{ ...proof, token: "$(reboot)$(reboot)$(reboot)" }], solverContext()),
    ).rejects.toThrow("dns-01 for a.example: the CA sent a token");
    const address = { ...proof, identifier: { type: "ip", value: "192.0.2.1" } as const };
    await expect(solver.present([address], solverContext())).rejects.toThrow(
      "dns-01 for 192.0.2.1: an address has no DNS records",
    );
    const presentation = await solver.present([proof], solverContext());
    await presentation.cleanUp();
  });
});
