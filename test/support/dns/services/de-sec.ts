/**
 * deSEC's domains and record sets.
 *
 * @see https://desec.readthedocs.io/en/latest/dns/rrsets.html
 * @see https://desec.readthedocs.io/en/latest/rate-limits.html
 */
import { type Dialect, fullName, json, replaceSet, setOf, type StoredZone } from "./stand-in";

const notFound = json(404, { detail: "Not found." });
const MINIMUM_TTL = 3600;

interface RrSet {
  readonly subname: string;
  readonly type: string;
  readonly ttl: number;
  readonly records: readonly string[];
}

export const deSec: Dialect<"deSec"> = {
  name: "deSec",
  argumentsFor: (url, token) => ({ apiUrl: `${url}/api/v1`, token }),
  secretOf: ({ headers }) => /^Token (.+)$/.exec(headers.authorization ?? "")?.[1],
  unauthenticated: json(401, { detail: "Invalid token." }),
  forbidden: json(403, { detail: "Insufficient token permissions." }),
  limited: json(
    429,
    { detail: "Request was throttled. Expected available in 1 second." },
    { "Retry-After": "1" },
  ),
  remedies: {
    unauthenticated: "Invalid token.; token must be one that is valid",
    forbidden: "the token's policies must let it write the TXT records of the domain",
  },
  minTtl: MINIMUM_TTL,
  writesAtOnce: true,
  answer: ({ method, path, query, body, zones, mayEdit, pageSize, add, remove }) => {
    if (path === "/api/v1/domains/") {
      return json(
        200,
        zones.map(({ name }) => ({ name, minimum_ttl: MINIMUM_TTL, published: null })),
      );
    }
    const [, name, isSets, subname] =
      /^\/api\/v1\/domains\/([^/]+)(\/rrsets)?(?:\/([^/]+)\/TXT)?\/$/.exec(path) ?? [];
    const zone = zones.find((each) => each.name === name);
    if (zone === undefined) return notFound;
    if (isSets === undefined) return notFound;
    if (method === "GET") {
      if (subname === undefined) {
        const names = new Set(zone.records.map((record) => record.name));
        if (names.size > pageSize) return json(400, { detail: "Pagination required." });
        const type = query.get("type");
        return json(200, type === "TXT" ? [...names].map((each) => toSet(zone, each)) : []);
      }
      const set = toSet(zone, fullName(subname, zone));
      return set.records.length === 0 ? notFound : json(200, set);
    }
    if (!mayEdit) return deSec.forbidden;
    const sets = body as unknown as RrSet[];
    const faults = sets.map(({ ttl, subname: sub, records }) => {
      if (ttl < MINIMUM_TTL)
        return { ttl: ["Ensure this value is greater than or equal to 3600."] };
      if (sub === "@")
        return { subname: ["Subname can only use (lowercase) a-z, 0-9, ., -, and _."] };
      if (!records.every((record) => /^".*"$/.test(record))) {
        return { records: ["Record content for type TXT malformed"] };
      }
      return {};
    });
    if (faults.some((fault) => Object.keys(fault).length > 0)) return json(400, faults);
    for (const { subname: sub, records, ttl } of sets) {
      replaceSet(zone, fullName(sub, zone), records, ttl, { add, remove });
    }
    return json(200, sets);
  },
};

function toSet(zone: StoredZone, name: string) {
  const set = setOf(zone, name);
  const records = set.map(({ content }) => content);
  return { domain: zone.name, name: `${name}.`, type: "TXT", ttl: set[0]?.ttl, records };
}
