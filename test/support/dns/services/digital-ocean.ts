/**
 * DigitalOcean's domains and their records.
 *
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records
 * @see https://docs.digitalocean.com/reference/api/reference/rate-limit/ (429, `too_many_requests`)
 */
import { bearerOf, type Dialect, fullName, json, pageOf } from "./stand-in";

const notFound = json(404, {
  id: "not_found",
  message: "The resource you were accessing could not be found.",
});

export const digitalOcean: Dialect<"digitalOcean"> = {
  name: "digitalOcean",
  argumentsFor: (url, token) => ({ apiUrl: `${url}/v2`, token }),
  secretOf: bearerOf,
  unauthenticated: json(401, { id: "Unauthorized", message: "Unable to authenticate you" }),
  forbidden: json(403, {
    id: "Forbidden",
    message: "You are not authorized to perform this operation",
  }),
  limited: json(
    429,
    { id: "too_many_requests", message: "API Rate limit exceeded." },
    { "Retry-After": "0" },
  ),
  remedies: {
    unauthenticated: "Unable to authenticate you; token must be a personal access token",
    forbidden: "the token needs the scopes domain:read, domain:create and domain:delete",
  },
  minTtl: 30,
  answer: ({ method, path, query, body, zones, mayEdit, pageSize, add, remove }) => {
    const [, name, isRecords, id] =
      /^\/v2\/domains\/([^/]+)(\/records)?(?:\/(\d+))?$/.exec(path) ?? [];
    const zone = zones.find((each) => each.name === name);
    if (zone === undefined) return notFound;
    if (isRecords === undefined) {
      return json(200, { domain: { name: zone.name, ttl: 1800, zone_file: "" } });
    }
    if (method === "GET") {
      const found = zone.records.filter(
        (record) =>
          record.name === (query.get("name") ?? record.name) &&
          record.type === (query.get("type") ?? record.type),
      );
      const number = Number(query.get("page") ?? "1");
      const { items, pages } = pageOf(found, pageSize, number);
      return json(200, {
        domain_records: items.map((record) => ({
          id: record.id,
          type: record.type,
          name: record.name === zone.name ? "@" : record.name.slice(0, -zone.name.length - 1),
          data: record.content,
          ttl: record.ttl,
        })),
        links:
          number < pages ? { pages: { next: `https://next/?page=${String(number + 1)}` } } : {},
        meta: { total: found.length },
      });
    }
    if (!mayEdit) return digitalOcean.forbidden;
    if (method === "DELETE") {
      const gone = remove(zone, (record) => String(record.id) === id);
      return gone.length === 0 ? notFound : json(204);
    }
    const { type, data, ttl } = body as { type: string; data: string; ttl: number };
    if (ttl < 30)
      return json(422, { id: "unprocessable_entity", message: "Ttl must be at least 30" });
    const made = add(zone, {
      name: fullName(String(body["name"]), zone),
      type,
      content: data,
      ttl,
    });
    return json(201, { domain_record: { ...body, id: made.id } });
  },
};
