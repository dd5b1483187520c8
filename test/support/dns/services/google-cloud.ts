/**
 * Google's Cloud DNS and its login by a service account: changes of record sets, of which all are done or none.
 *
 * @see https://cloud.google.com/dns/docs/reference/rest/v1/changes/create
 * @see https://developers.google.com/identity/protocols/oauth2/service-account#httprest
 */
import { generateKeyPairSync, verify } from "node:crypto";

import {
  bearerOf,
  type Dialect,
  json,
  replaceSet,
  type Reply,
  setOf,
  type StoredZone,
} from "./stand-in";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

function failure(code: number, reason: string, message: string): Reply {
  return json(code, { error: { code, message, errors: [{ message, domain: "global", reason }] } });
}

/** The id of the key that has signed. */
function signerOf(assertion: string): string | undefined {
  const [header = "", claims = "", signature = ""] = assertion.split(".");
  const isRight = verify(
    "sha256",
    Buffer.from(`${header}.${claims}`),
    publicKey,
    Buffer.from(signature, "base64url"),
  );
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
  return isRight ? kid : undefined;
}

interface Rrset {
  readonly name: string;
  readonly ttl: number;
  readonly rrdatas: readonly string[];
}

function rrsetOf(zone: StoredZone, name: string): Rrset | undefined {
  const set = setOf(zone, name);
  const [first] = set;
  return first && { name: `${name}.`, ttl: first.ttl, rrdatas: set.map(({ content }) => content) };
}

const keyOf = (set: Rrset | undefined): string =>
  JSON.stringify([set?.name, set?.ttl, set?.rrdatas]);

export const googleCloud: Dialect<"googleCloud"> = {
  name: "googleCloud",
  argumentsFor: (url, secret) => ({
    apiUrl: url,
    credentials: JSON.stringify({
      type: "service_account",
      project_id: "my-project",
      // White space inside of the JSON would be the key's own.
      private_key_id: secret.trim(),
      private_key: PEM,
      client_email: "acme@my-project.iam.gserviceaccount.com",
      token_uri: `${url}/token`,
    }),
  }),
  secretOf: (request, body) =>
    typeof body["assertion"] === "string" ? signerOf(body["assertion"]) : bearerOf(request),
  unauthenticated: json(400, {
    error: "invalid_grant",
    error_description: "Invalid JWT Signature.",
  }),
  forbidden: failure(403, "forbidden", "Forbidden"),
  limited: {
    ...failure(429, "rateLimitExceeded", "Quota exceeded"),
    headers: { "Retry-After": "0" },
  },
  remedies: {
    unauthenticated: "Invalid JWT Signature.; the key of credentials must be active",
    forbidden: "the service account needs the role DNS Administrator (roles/dns.admin)",
  },
  hasTwins: true,
  writesAtOnce: true,
  answer: ({ method, path, query, body, zones, mayEdit, add, remove }) => {
    if (path === "/token") {
      return json(200, { access_token: signerOf(String(body["assertion"])), expires_in: 3599 });
    }
    const [, id, verb] =
      /^\/dns\/v1\/projects\/my-project\/managedZones(?:\/(\d+)\/(rrsets|changes))?$/.exec(path) ??
      [];
    if (id === undefined) {
      const found = zones.filter(({ name }) => `${name}.` === query.get("dnsName"));
      return json(200, { managedZones: found.map(zoneOf) });
    }
    const zone = zones.find((each) => String(each.id) === id);
    if (zone === undefined) return failure(404, "notFound", "The zone does not exist.");
    if (method === "GET" && verb === "rrsets") {
      const set = rrsetOf(zone, (query.get("name") ?? "").slice(0, -1));
      return json(200, { rrsets: set === undefined ? [] : [{ ...set, type: "TXT" }] });
    }
    if (!mayEdit) return googleCloud.forbidden;
    const { additions = [], deletions = [] } = body as { additions?: Rrset[]; deletions?: Rrset[] };
    for (const set of [...deletions, ...additions]) {
      const there = rrsetOf(zone, set.name.slice(0, -1));
      const deleted = deletions.find(({ name }) => name === set.name);
      if (keyOf(there) !== keyOf(deleted))
        return failure(412, "conditionNotMet", "Precondition not met");
    }
    for (const { name } of deletions) replaceSet(zone, name.slice(0, -1), [], 0, { add, remove });
    for (const { name, ttl, rrdatas } of additions) {
      replaceSet(zone, name.slice(0, -1), rrdatas, ttl, { add, remove });
    }
    return json(200, { status: "pending", id: "1" });
  },
};

function zoneOf({ id, name }: StoredZone): object {
  return { name: String(id), dnsName: `${name}.`, visibility: "public" };
}
