/** TXT records in an acme-dns server. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createProvider as acmeDns } from "../../../../../sdk/challenges/dns-01/providers/acme-dns/provider";
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
