/**
 * Vultr's domains and their records; pages are found by cursors.
 *
 * @see https://www.vultr.com/api/#tag/dns
 * @see https://www.vultr.com/api/#section/Introduction/Meta-and-pagination
 */
import { bearerOf, type Dialect, fullName, json, type Reply } from "./stand-in";

function failure(status: number, error: string, headers?: Reply["headers"]): Reply {
  return json(status, { error, status }, headers);
}

export const vultr: Dialect<"vultr"> = {
  name: "vultr",
  argumentsFor: (url, apiKey) => ({ apiUrl: `${url}/v2`, apiKey }),
  secretOf: bearerOf,
  unauthenticated: failure(401, "Invalid API token."),
  forbidden: failure(403, "Forbidden"),
  limited: failure(429, "Rate limit reached", { "Retry-After": "0" }),
  remedies: {
    unauthenticated: "Invalid API token.; apiKey must be active, and its Access Control",
    forbidden: "the user of the API key needs the permission Manage DNS",
  },
  minTtl: 120,
  answer: ({ method, path, query, body, zones, mayEdit, pageSize, add, remove }) => {
    const page = (items: readonly unknown[], member: string): Reply => {
      const start = Number(query.get("cursor") ?? "0");
      const next = start + pageSize < items.length ? String(start + pageSize) : "";
      const meta = { total: items.length, links: { next, prev: "" } };
      return json(200, { [member]: items.slice(start, start + pageSize), meta });
    };
    if (path === "/v2/domains") {
      return page(
        zones.map(({ name }) => ({ domain: name, dns_sec: "disabled" })),
        "domains",
      );
    }
    const [, name, id] = /^\/v2\/domains\/([^/]+)\/records(?:\/([^/]+))?$/.exec(path) ?? [];
    const zone = zones.find((each) => each.name === name);
    if (zone === undefined) return failure(404, "Invalid domain.");
    if (method === "GET") {
      const records = zone.records.map((record) => ({
        id: `record-${String(record.id)}`,
        type: record.type,
        name: record.name === zone.name ? "" : record.name.slice(0, -zone.name.length - 1),
        data: record.content,
        priority: -1,
        ttl: record.ttl,
      }));
      return page(records, "records");
    }
    if (!mayEdit) return vultr.forbidden;
    if (method === "DELETE") {
      const gone = remove(zone, (record) => `record-${String(record.id)}` === id);
      return gone.length === 0 ? failure(404, "Invalid record.") : json(204);
    }
    const { type, data, ttl } = body as { type: string; data: string; ttl: number };
    if (ttl < 120) return failure(400, "Invalid TTL");
    if (!/^".*"$/.test(data)) return failure(400, "TXT records must be enclosed in quotes.");
    const record = { name: fullName(String(body["name"]), zone), type, content: data, ttl };
    return json(201, { record: { ...body, id: `record-${String(add(zone, record).id)}` } });
  },
};
