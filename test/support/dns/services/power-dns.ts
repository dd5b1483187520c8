/**
 * PowerDNS' zones and record sets; the real server is in `test/dns/power-dns.test.ts`.
 *
 * @see https://doc.powerdns.com/authoritative/http-api/zone.html
 */
import { type Dialect, json, replaceSet, setOf } from "./stand-in";

const notFound = { status: 404, body: "Not Found" };

export const powerDns: Dialect<"powerDns"> = {
  name: "powerDns",
  argumentsFor: (apiUrl, apiKey) => ({ apiUrl, apiKey }),
  secretOf: ({ headers }) => headers["x-api-key"]?.toString(),
  unauthenticated: json(401, "Unauthorized"),
  // There is one key, which may do everything; a zone may be read-only, as one that another server holds.
  forbidden: json(422, { error: "Domain 'example.com' is not a primary" }),
  limited: json(429, { error: "Too many requests" }, { "Retry-After": "0" }),
  remedies: {
    unauthenticated: "apiKey must be the server's api-key",
    forbidden: "is not a primary",
  },
  answer: ({ method, path, query, body, zones, mayEdit, add, remove }) => {
    const [, id] = /^\/api\/v1\/servers\/localhost\/zones(?:\/([^/]+))?$/.exec(path) ?? [];
    if (id === undefined) {
      const found = zones.filter(({ name }) => `${name}.` === query.get("zone"));
      return json(
        200,
        found.map(({ name }) => ({ id: `${name}.`, name: `${name}.`, kind: "Native" })),
      );
    }
    const zone = zones.find(({ name }) => `${name}.` === id);
    if (zone === undefined) return notFound;
    if (method === "GET") {
      const name = (query.get("rrset_name") ?? "").slice(0, -1);
      const set = setOf(zone, name);
      const records = set.map(({ content }) => ({ content, disabled: false }));
      const rrset = { name: `${name}.`, type: "TXT", ttl: set[0]?.ttl, records };
      return json(200, { id, name: id, kind: "Native", rrsets: set.length === 0 ? [] : [rrset] });
    }
    if (!mayEdit) return powerDns.forbidden;
    for (const rrset of body["rrsets"] as {
      readonly name: string;
      readonly ttl: number;
      readonly records: readonly { readonly content: string }[];
    }[]) {
      const contents = rrset.records.map(({ content }) => content);
      replaceSet(zone, rrset.name.slice(0, -1), contents, rrset.ttl, { add, remove });
    }
    return json(204);
  },
};
