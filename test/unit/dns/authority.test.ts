/** Which name servers of a zone are asked. */
import { expect, it } from "vitest";

import { authoritiesBy, NoNameServers } from "../../../sdk/dns/authority";
import type { Resolvers } from "../../../sdk/dns/lookup";
import type { QueryType, ResourceRecord } from "../../../sdk/dns/message";
import { freePort } from "../../support/process/ports";

/** Knows one zone, whose only name server has these addresses. */
function resolversWith(addresses: readonly string[]): Resolvers {
  const recordsOf = (name: string, type: QueryType): ResourceRecord[] => {
    const record = (text: string): ResourceRecord => ({ name, type, text });
    if (name === "ns.example.test") {
      return addresses
        .filter((address) => (type === "AAAA") === address.includes(":"))
        .filter(() => type === "A" || type === "AAAA")
        .map(record);
    }
    if (name !== "example.test") return [];
    return type === "SOA" ? [record("")] : type === "NS" ? [record("ns.example.test")] : [];
  };
  return {
    servers: [],
    lookUp: (name, type) => {
      const records = recordsOf(name, type);
      const reply = { rcode: "NOERROR", truncated: false, answers: records, authorities: [] };
      return Promise.resolve({ kind: "answer", reply, records });
    },
  };
}

const { signal } = new AbortController();

it("name servers at link-local addresses, where clouds serve credentials, are not asked", async () => {
  const addresses = ["169.254.169.254", "fe80::1", "fd00:ec2::254", "127.0.0.1"];
  const authorities = authoritiesBy(resolversWith(addresses), signal, await freePort());
  const { servers } = await authorities.of("_acme-challenge.example.test");
  expect(servers.map(({ address }) => address)).toEqual(["127.0.0.1"]);
});

it("a zone with no other name servers has none that can be asked", async () => {
  const authorities = authoritiesBy(resolversWith(["169.254.169.254"]), signal);
  const asked = authorities.of("_acme-challenge.example.test");
  await expect(asked).rejects.toBeInstanceOf(NoNameServers);
  await expect(asked).rejects.toThrow("ns.example.test have no address that can be asked");
  expect(await authorities.ask("_acme-challenge.example.test", "CNAME")).toBeUndefined();
});
