/**
 * Hetzner's DNS in the Cloud API: zones, record sets, and actions that run for a while.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#zones
 * @see https://docs.hetzner.cloud/reference/cloud#zone-rrset-actions-add-records-to-an-rrset
 * @see https://docs.hetzner.cloud/reference/cloud#errors
 */
import {
  bearerOf,
  type Call,
  type Dialect,
  fullName,
  json,
  type Reply,
  setOf,
  type StoredZone,
} from "./stand-in";

function failure(status: number, code: string, message: string, headers?: Reply["headers"]): Reply {
  return json(status, { error: { code, message, details: null } }, headers);
}

const notFound = failure(404, "not_found", "zone not found");

export const hetzner: Dialect<"hetzner"> = {
  name: "hetzner",
  argumentsFor: (url, apiToken) => ({ apiUrl: `${url}/v1`, apiToken }),
  secretOf: bearerOf,
  unauthenticated: failure(401, "unauthorized", "unable to authenticate"),
  forbidden: failure(403, "token_readonly", "the token is only allowed to perform GET requests"),
  limited: failure(429, "rate_limit_exceeded", "limit of 3600 requests per hour reached", {
    "Retry-After": "0",
  }),
  remedies: {
    unauthenticated:
      "unable to authenticate; apiToken must be a token of the Cloud Console's project",
    forbidden: "the API token needs the permission Read & Write",
  },
  minTtl: 60,
  answer: (call) => {
    const { method, path, zones } = call;
    if (/^\/v1\/actions\/\d+$/.test(path)) return action("success");
    const [, id = "", name, verb] =
      /^\/v1\/zones\/([^/]+)(?:\/rrsets\/([^/]+)\/TXT(?:\/actions\/(add|remove)_records)?)?$/.exec(
        path,
      ) ?? [];
    const zone = zones.find((each) => String(each.id) === id || each.name === id);
    if (zone === undefined) return notFound;
    if (name === undefined) {
      return json(200, { zone: { id: zone.id, name: zone.name, mode: "primary", status: "ok" } });
    }
    const full = fullName(name, zone);
    if (method === "POST")
      return call.mayEdit ? act(verb ?? "", full, zone, call) : hetzner.forbidden;
    const records = setOf(zone, full).map(({ content }) => ({ value: content, comment: "" }));
    if (records.length === 0) return failure(404, "not_found", "rrset not found");
    return json(200, { rrset: { id: `${name}/TXT`, name, type: "TXT", records } });
  },
};

/** One by one in a zone, and with the TTL that the set has. */
function act(verb: string, name: string, zone: StoredZone, call: Call): Reply {
  const { body, add, remove } = call;
  const [first] = setOf(zone, name);
  const values = (body["records"] as { value: string }[]).map(({ value }) => value);
  const ttl = body["ttl"] as number | undefined;
  if (ttl !== undefined && (ttl < 60 || ttl !== (first?.ttl ?? ttl))) {
    return failure(422, "invalid_input", "invalid input in field 'ttl'");
  }
  if (!values.every((value) => /^".*"$/.test(value))) {
    return failure(422, "invalid_input", "invalid input in field 'records'");
  }
  for (const content of values) {
    if (verb === "remove") {
      if (
        remove(zone, (record) => record.name === name && record.content === content).length === 0
      ) {
        return failure(404, "not_found", "record not found");
      }
    } else if (setOf(zone, name).some((record) => record.content === content)) {
      return failure(422, "invalid_input", "record already exists");
    } else add(zone, { name, type: "TXT", content, ttl: ttl ?? first?.ttl ?? 3600 });
  }
  return action("running");
}

function action(status: string): Reply {
  const progress = status === "success" ? 100 : 0;
  return json(200, { action: { id: 1, command: "add_records", status, progress, error: null } });
}
