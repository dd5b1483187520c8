/** TXT records in an acme-dns server. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createProvider as acmeDns } from "../../../../../sdk/challenges/dns-01/providers/acme-dns/provider";
import { endTurn, takeTurn } from "../../../../../sdk/challenges/dns-01/providers/acme-dns/turns";
import { dnsRecord, providerContext } from "../../../../support/dns/records";
import {
  ACME_DNS_ACCOUNT,
  type AcmeDnsService,
  startAcmeDns,
} from "../../../../support/dns/acme-dns-api";

let service: AcmeDnsService;
beforeEach(async () => {
  service = await startAcmeDns();
});
afterEach(() => service.stop());

/** As it is where the CNAME of the domain leads. */
function delegated(domain: string) {
  return { ...dnsRecord(domain), name: `${ACME_DNS_ACCOUNT.subdomain}.auth.example.org` };
}

describe("acme-dns", () => {
  it("is given the values of a domain and its wildcard", async () => {
    const records = [delegated("a.example"), delegated("a.example")];
    const provider = acmeDns({ url: service.url, ...ACME_DNS_ACCOUNT });
    await provider.add(records, providerContext());
    expect(service.values).toEqual(records.map(({ value }) => value));
    await provider.remove(records, providerContext());
    expect(service.calls).toHaveLength(2);
  });

  it("that refuses is told of, without the password", async () => {
    const provider = acmeDns({ url: service.url, ...ACME_DNS_ACCOUNT, password: "wrong-password" });
    await expect(provider.add([delegated("a.example")], providerContext())).rejects.toThrow(
      `the update of ${ACME_DNS_ACCOUNT.subdomain} is refused with 401 (check username, password and subdomain, and from which addresses the registration allows updates): {"error":"forbidden"}`,
    );
  });

  it("is not asked for a domain whose CNAME is missing", async () => {
    const provider = acmeDns({ url: service.url, ...ACME_DNS_ACCOUNT });
    await expect(provider.add([dnsRecord("a.example")], providerContext())).rejects.toThrow(
      `_acme-challenge.a.example must be a CNAME to ${ACME_DNS_ACCOUNT.subdomain}.<the domain of ${new URL(service.url).host}>, and leads to _acme-challenge.a.example`,
    );
    expect(service.calls).toEqual([]);
    await provider.add([dnsRecord("a.example")], providerContext(false));
    expect(service.calls).toHaveLength(1);
  });

  it("is not asked to keep more values than it does", async () => {
    const provider = acmeDns({ url: service.url, ...ACME_DNS_ACCOUNT });
    const records = ["a.example", "b.example", "c.example"].map(delegated);
    await expect(provider.add(records, providerContext())).rejects.toThrow(
      "acme-dns keeps 2 values of a subdomain, and 3 are needed at once",
    );
    expect(service.calls).toEqual([]);
  });
});

/** What a certificate presents at one subdomain, as long as its values stand there. */
function certificate(...domains: string[]) {
  const provider = acmeDns({ url: service.url, ...ACME_DNS_ACCOUNT });
  const records = domains.map(delegated);
  const context = { ...providerContext(), progress: vi.fn() };
  const added = provider.add(records, context);
  return {
    values: records.map(({ value }) => value),
    context,
    provider,
    added,
    done: () => provider.remove(records, context),
  };
}

describe("certificates of one run that share a subdomain of acme-dns", () => {
  it("take turns, two values at a time", async () => {
    const all = ["a.example", "b.example", "c.example", "d.example"].map((one) => certificate(one));
    const [a, b, c, d] = all;
    await Promise.all([a?.added, b?.added]);
    await vi.waitFor(() => {
      expect(d?.context.progress).toHaveBeenCalledWith(
        `waits for other certificates: acme-dns keeps 2 values of ${ACME_DNS_ACCOUNT.subdomain}`,
      );
    });
    expect(service.values).toEqual([...(a?.values ?? []), ...(b?.values ?? [])]);
    await b?.done();
    await c?.added;
    expect(service.values).toEqual([...(b?.values ?? []), ...(c?.values ?? [])]);
    await a?.done();
    await d?.added;
    await Promise.all([c?.done(), d?.done()]);
  });

  it("are served in the order in which they came, also those that need two values", async () => {
    const first = certificate("a.example");
    await first.added;
    const two = certificate("b.example", "*.b.example");
    const one = certificate("c.example");
    await first.done();
    await two.added;
    expect(service.calls).toHaveLength(3);
    await two.done();
    await one.added;
    await one.done();
  });

  it("that gives up makes room for the next", async () => {
    const first = certificate("a.example", "*.a.example");
    await first.added;
    const controller = new AbortController();
    const { provider } = first;
    const context = { ...providerContext(), signal: controller.signal };
    const givenUp = provider.add([delegated("b.example"), delegated("*.b.example")], context);
    const next = certificate("c.example");
    controller.abort(new Error("interrupted"));
    await expect(givenUp).rejects.toThrow("interrupted");
    expect(context.mayAdd).not.toHaveBeenCalled();
    await first.done();
    await next.added;
    await next.done();
  });

  it("that need one authorization need one value", async () => {
    const first = certificate("a.example");
    const record = { ...delegated("a.example"), value: first.values[0] ?? "" };
    const second = certificate("b.example");
    await first.provider.add([record], providerContext());
    await second.added;
    await Promise.all([first.done(), second.done()]);
  });
});

describe("turns at subdomains", () => {
  const { signal: one } = new AbortController();
  const { signal: other } = new AbortController();
  const busy = vi.fn();

  it("count all values of a certificate, whichever solvers they are for", async () => {
    await takeTurn("mine", ["1"], one, busy);
    await takeTurn("mine", ["2"], one, busy);
    await expect(takeTurn("mine", ["3"], one, busy)).rejects.toThrow(
      "acme-dns keeps 2 values of a subdomain, and 3 are needed at once",
    );
    endTurn("mine", ["1", "2"]);
  });

  it("let a certificate have its second value before another its first", async () => {
    await takeTurn("mine", ["1"], one, busy);
    const waiting = takeTurn("mine", ["3", "4"], other, busy);
    await takeTurn("mine", ["2"], one, busy);
    endTurn("mine", ["1", "2"]);
    await waiting;
    endTurn("mine", ["3", "4"]);
  });

  it("are refused where two certificates would wait for each other for ever", async () => {
    await takeTurn("x", ["1", "2"], one, busy);
    await takeTurn("y", ["3", "4"], other, busy);
    const waiting = takeTurn("y", ["5", "6"], one, busy);
    await expect(takeTurn("x", ["7", "8"], other, busy)).rejects.toThrow(
      "certificates of this run wait for each other's; run it again",
    );
    endTurn("y", ["3", "4"]);
    await waiting;
    endTurn("x", ["1", "2"]);
    endTurn("y", ["5", "6"]);
  });
});
