/**
 * Azure's resource manager and its login: record sets that are written as they were read, by their tags.
 *
 * @see https://learn.microsoft.com/rest/api/dns/record-sets/create-or-update
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#error-response
 */
import { bearerOf, type Dialect, fullName, json, type Reply, setOf, unquoted } from "./stand-in";

function failure(status: number, code: string, message: string): Reply {
  return json(status, { error: { code, message } });
}

const notFound = failure(404, "ResourceNotFound", "The resource was not found.");

export const azure: Dialect<"azure"> = {
  name: "azure",
  argumentsFor: (url, clientSecret) => ({
    subscriptionId: "11111111-2222-3333-4444-555555555555",
    resourceGroup: "dns",
    tenantId: "contoso.example",
    clientId: "66666666-7777-8888-9999-000000000000",
    clientSecret,
    apiUrl: url,
    loginUrl: url,
  }),
  secretOf: (request, body) => body["client_secret"]?.toString() ?? bearerOf(request),
  unauthenticated: json(401, {
    error: "invalid_client",
    error_description: "AADSTS7000215: Invalid client secret provided.",
  }),
  forbidden: failure(403, "AuthorizationFailed", "The client does not have authorization."),
  limited: {
    ...failure(429, "TooManyRequests", "The request is being throttled."),
    headers: { "Retry-After": "0" },
  },
  remedies: {
    unauthenticated:
      "AADSTS7000215: Invalid client secret provided.; clientSecret must be the value (not the ID) of a secret",
    forbidden: "the identity needs the role DNS Zone Contributor for the zone",
  },
  answer: ({ request, method, path, body, zones, mayEdit, add, remove }) => {
    if (path.endsWith("/oauth2/v2.0/token")) {
      return json(200, {
        access_token: body["client_secret"],
        expires_in: 3599,
        token_type: "Bearer",
      });
    }
    const [, name, relative] =
      /\/resourceGroups\/dns\/providers\/Microsoft\.Network\/dnsZones\/([^/]+)(?:\/TXT\/([^/]+))?$/.exec(
        path,
      ) ?? [];
    const zone = zones.find((each) => each.name === name);
    if (zone === undefined) return notFound;
    if (relative === undefined) return json(200, { name, properties: { zoneType: "Public" } });
    const full = fullName(relative, zone);
    const set = setOf(zone, full);
    const etag = set.length === 0 ? undefined : set.map(({ id }) => id).join("-");
    if (method === "GET") {
      if (etag === undefined) return notFound;
      const TXTRecords = set.map(({ content }) => ({ value: [content] }));
      return json(200, { name: relative, etag, properties: { TTL: set[0]?.ttl, TXTRecords } });
    }
    if (!mayEdit) return azure.forbidden;
    const [match, noneMatch] = [request.headers["if-match"], request.headers["if-none-match"]];
    if (match === etag && (noneMatch === "*") === (etag === undefined)) {
      remove(zone, (record) => record.name === full && record.type === "TXT");
      const { TTL = 0, TXTRecords = [] } = (body["properties"] ?? {}) as {
        TTL?: number;
        TXTRecords?: { value: string[] }[];
      };
      for (const { value } of TXTRecords) {
        add(zone, { name: full, type: "TXT", content: unquoted(value.join("")), ttl: TTL });
      }
      return json(method === "DELETE" ? 200 : 201, {});
    }
    return failure(412, "PreconditionFailed", "The condition has not been met.");
  },
};
