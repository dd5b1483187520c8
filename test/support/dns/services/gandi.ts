/**
 * Gandi's LiveDNS: domains and record sets.
 *
 * @see https://api.gandi.net/docs/livedns/
 * @see https://github.com/brianreumere/gandi-automatic-dns/issues/30 (a name that is no domain)
 * @see https://github.com/caddy-dns/gandi/issues/6 (access denied)
 */
import { bearerOf, type Dialect, fullName, json, type Reply, replaceSet, setOf } from "./stand-in";

function failure(code: number, cause: string, message: string, headers?: Reply["headers"]): Reply {
  return json(code, { code, message, object: `HTTP${cause.replace(" ", "")}`, cause }, headers);
}

const notFound = failure(404, "Not Found", "The resource could not be found.");

export const gandi: Dialect<"gandi"> = {
  name: "gandi",
  argumentsFor: (url, personalAccessToken) => ({ apiUrl: `${url}/v5`, personalAccessToken }),
  secretOf: bearerOf,
  unauthenticated: failure(401, "Unauthorized", "The server could not verify that you authorized"),
  forbidden: failure(403, "Forbidden", "Access was denied to this resource."),
  limited: failure(429, "Too Many Requests", "Rate limit exceeded", { "Retry-After": "0" }),
  remedies: {
    unauthenticated: "personalAccessToken must be one that has not expired",
    forbidden:
      'Access was denied to this resource., Forbidden; the token needs "Manage domain name technical configurations" for the domain',
  },
  minTtl: 300,
  answer: ({ method, path, body, zones, mayEdit, add, remove }) => {
    const [, domain, name] =
      /^\/v5\/livedns\/domains\/([^/]+)(?:\/records\/([^/]+)\/TXT)?$/.exec(path) ?? [];
    const zone = zones.find((each) => each.name === domain);
    // As a token answers that is limited to some domains.
    if (zone === undefined) return domain === "example.com" ? notFound : gandi.forbidden;
    if (name === undefined) return json(200, { fqdn: zone.name, automatic_snapshots: false });
    const full = fullName(name, zone);
    const set = setOf(zone, full);
    if (method === "GET") {
      if (set.length === 0) return notFound;
      const values = set.map(({ content }) => content);
      return json(200, {
        rrset_name: name,
        rrset_type: "TXT",
        rrset_ttl: set[0]?.ttl,
        rrset_values: values,
      });
    }
    if (!mayEdit) return gandi.forbidden;
    if (method === "DELETE") {
      if (set.length === 0) return notFound;
      replaceSet(zone, full, [], 0, { add, remove });
      return json(204);
    }
    const { rrset_ttl: ttl, rrset_values: values } = body as {
      rrset_ttl: number;
      rrset_values: string[];
    };
    if (ttl < 300 || values.length === 0) {
      return json(400, {
        status: "error",
        errors: [{ location: "body", name: "rrset_ttl", description: "300 is less than minimum" }],
      });
    }
    replaceSet(zone, full, values, ttl, { add, remove });
    return json(201, { message: "DNS Record Created" });
  },
};
