/**
 * Linode's domains and their records.
 *
 * @see https://techdocs.akamai.com/linode-api/reference/get-domains
 * @see https://techdocs.akamai.com/linode-api/reference/post-domain-record
 * @see https://techdocs.akamai.com/linode-api/reference/filtering-and-sorting
 */
import { bearerOf, type Dialect, fullName, json, pageOf, type Reply } from "./stand-in";

function failure(status: number, reason: string, headers?: Reply["headers"]): Reply {
  return json(status, { errors: [{ reason }] }, headers);
}

const TTLS = [300, 3600, 7200, 14_400, 28_800, 57_600, 86_400];

export const linode: Dialect<"linode"> = {
  name: "linode",
  argumentsFor: (url, token) => ({ apiUrl: `${url}/v4`, token }),
  secretOf: bearerOf,
  unauthenticated: failure(401, "Invalid Token"),
  // By the same status as one that is none.
  forbidden: failure(401, "Your OAuth token is not authorized to use this endpoint."),
  limited: failure(429, "Too many requests", { "Retry-After": "0" }),
  remedies: {
    unauthenticated: "Invalid Token; token must be a personal access token that has not expired",
    forbidden: "not authorized to use this endpoint.; token must be a personal access token",
  },
  minTtl: 300,
  hasTwins: true,
  answer: ({ request, method, path, query, body, zones, mayEdit, pageSize, add, remove }) => {
    const filter = JSON.parse(request.headers["x-filter"]?.toString() ?? "{}") as {
      domain?: string;
      type?: string;
    };
    const listed = (items: readonly object[]): Reply => {
      const page = Number(query.get("page") ?? "1");
      const { items: data, pages } = pageOf(items, pageSize, page);
      return json(200, { data, page, pages, results: items.length });
    };
    if (path === "/v4/domains") {
      const found = zones.filter(({ name }) => name === (filter.domain ?? name));
      return listed(found.map(({ id, name }) => ({ id, domain: name, type: "master" })));
    }
    const [, zoneId, recordId] = /^\/v4\/domains\/(\d+)\/records(?:\/(\d+))?$/.exec(path) ?? [];
    const zone = zones.find(({ id }) => String(id) === zoneId);
    if (zone === undefined) return failure(404, "Not found");
    if (method === "GET") {
      const found = zone.records.filter(({ type }) => type === (filter.type ?? type));
      return listed(
        found.map(({ id, name, type, content, ttl }) => ({
          id,
          type,
          name: name === zone.name ? "" : name.slice(0, -zone.name.length - 1),
          target: content,
          ttl_sec: ttl,
        })),
      );
    }
    if (!mayEdit) return linode.forbidden;
    if (method === "DELETE") {
      const gone = remove(zone, ({ id }) => String(id) === recordId);
      return gone.length === 0 ? failure(404, "Not found") : json(200, {});
    }
    const {
      name,
      type,
      target,
      ttl_sec: wanted,
    } = body as Record<"name" | "type" | "target", string> & {
      ttl_sec: number;
    };
    // "Any other value will be rounded to the nearest valid value."
    const [ttl = 0] = [...TTLS].sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
    const made = add(zone, { name: fullName(name, zone), type, content: target, ttl });
    return json(200, { ...body, id: made.id });
  },
};
