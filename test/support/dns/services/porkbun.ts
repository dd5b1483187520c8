/**
 * Porkbun's records: every call is POST with the keys in its body; errors have the status 400 or 200.
 *
 * @see https://porkbun.com/api/json/v3/documentation
 * @see https://github.com/jeessy2/ddns-go/issues/388 (invalid keys)
 */
import { type Dialect, fullName, json, type Reply } from "./stand-in";

function failure(status: number, message: string, code?: string): Reply {
  return json(status, { status: "ERROR", message, code });
}

export const porkbun: Dialect<"porkbun"> = {
  name: "porkbun",
  argumentsFor: (url, secretApiKey) => ({
    apiUrl: `${url}/api/json/v3`,
    apiKey: "pk1_0123456789",
    secretApiKey,
  }),
  secretOf: (_request, body) => body["secretapikey"]?.toString(),
  unauthenticated: failure(400, "Invalid API key. (002)"),
  forbidden: failure(200, "Domain is not opted in to API access.", "API_ACCESS_DISABLED"),
  limited: {
    ...failure(429, "Rate limit exceeded", "RATE_LIMIT_EXCEEDED"),
    headers: { "Retry-After": "0" },
  },
  errorInside: failure(
    200,
    "The zone is at the maximum number of DNS records.",
    "ZONE_RECORD_LIMIT",
  ),
  remedies: {
    unauthenticated: "Invalid API key. (002); apiKey and secretApiKey must be a pair that is valid",
    forbidden: "not opted in to API access.; turn on API Access in the details of the domain",
  },
  minTtl: 600,
  answer: ({ method, path, body, zones, mayEdit, add, remove }) => {
    const [, verb, name, rest = ""] =
      /^\/api\/json\/v3\/dns\/(retrieveByNameType|create|delete)\/([^/]+)(?:\/(.+))?$/.exec(path) ??
      [];
    const zone = zones.find((each) => each.name === name);
    if (method !== "POST") return failure(405, "Invalid method", "METHOD_NOT_ALLOWED");
    if (zone === undefined) return failure(400, "Invalid domain.");
    if (verb === "retrieveByNameType") {
      const [type, sub = ""] = rest.split("/");
      const found = zone.records.filter(
        (record) => record.type === type && record.name === fullName(sub, zone),
      );
      const records = found.map(({ id, ...record }) => ({
        ...record,
        id: String(id),
        ttl: String(record.ttl),
        prio: "0",
        notes: "",
      }));
      return json(200, { status: "SUCCESS", records });
    }
    if (!mayEdit) return porkbun.forbidden;
    if (verb === "delete") {
      const gone = remove(zone, ({ id }) => String(id) === rest);
      return gone.length === 0
        ? failure(400, "Invalid record ID.")
        : json(200, { status: "SUCCESS" });
    }
    const { type, content, ttl } = body as Record<"type" | "content" | "ttl", string>;
    const full = fullName(String(body["name"]), zone);
    if (Number(ttl) < 600) return failure(400, "TTL must be at least 600.");
    if (zone.records.some((record) => record.name === full && record.content === content)) {
      return failure(400, "Create error: We were unable to create the DNS record.");
    }
    const made = add(zone, { name: full, type, content, ttl: Number(ttl) });
    return json(200, { status: "SUCCESS", id: made.id });
  },
};
