/**
 * A stand-in for Cloudflare's API: zones and DNS records, with tokens, permissions, envelopes and paging as documented.
 *
 *
 * @see https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/ (authentication, envelope, paging)
 * @see https://developers.cloudflare.com/api/resources/zones/methods/list/
 * @see https://developers.cloudflare.com/api/resources/dns/subresources/records/
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { domainToASCII } from "node:url";

import { type Reply, startWebService, type WebService } from "./httpreq";
import { type Publish, publishNowhere, unquoted } from "./publish";

export interface CloudflareToken {
  /** Zones that it may read (Zone → Zone → Read), and in which it may edit records (Zone → DNS → Edit). */
  readonly read: readonly string[];
  readonly edit: readonly string[];
}

export interface StoredRecord {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content: string;
  readonly ttl: number;
}

export interface CloudflareService extends WebService {
  /** By zone id, which is the zone's name with "id-" before it. */
  readonly records: Map<string, StoredRecord[]>;
}

/**
 * @param zones - international ones in Unicode, as Cloudflare has them; they are found by that form alone
 * @param pageSize - the most that one page holds, whatever is asked for
 */
export async function startCloudflare(
  zones: readonly string[],
  tokens: Readonly<Record<string, CloudflareToken>>,
  pageSize = 100,
  publish: Publish = publishNowhere,
): Promise<CloudflareService> {
  const records = new Map(zones.map((zone) => [`id-${zone}`, [] as StoredRecord[]]));
  const service = await startWebService(async (request, url, body) => {
    const token = tokenOf(request, tokens);
    if ("status" in token) return token;
    if (url.pathname === "/zones" && request.method === "GET") {
      const name = url.searchParams.get("name");
      const seen = zones.filter((zone) => token.read.includes(zone) && zone === (name ?? zone));
      return page(
        seen.map((zone) => ({ id: `id-${zone}`, name: zone, status: "active" })),
        url,
        pageSize,
      );
    }
    const match = /^\/zones\/([^/]+)\/dns_records(?:\/([^/]+))?$/.exec(url.pathname);
    const [, zoneId = "", recordId] = (match ?? []).map(decodeURIComponent);
    const zone = zoneId.replace(/^id-/, "");
    const stored = records.get(zoneId);
    if (match === null || stored === undefined) {
      return failure(
        404,
        7003,
        "Could not route to this path, perhaps your object identifier is invalid?",
      );
    }
    if (!token.edit.includes(zone)) return failure(403, 10_000, "Authentication error");
    switch (request.method) {
      case "GET":
        return page(
          stored.filter((record) => matches(record, url)),
          url,
          pageSize,
        );
      case "POST": {
        const reply = create(body as Omit<StoredRecord, "id">, zone, stored);
        const { name } = body as StoredRecord;
        await publish(name, valuesOf(stored, name));
        return reply;
      }
      case "DELETE": {
        const index = stored.findIndex(({ id }) => id === recordId);
        if (index < 0) return failure(404, 81_044, "Record does not exist.");
        const [removed] = stored.splice(index, 1);
        if (removed !== undefined) await publish(removed.name, valuesOf(stored, removed.name));
        return success({ id: recordId });
      }
      default:
        return failure(405, 10_405, "Method not allowed");
    }
  });
  return Object.assign(service, { records });
}

function tokenOf(
  request: IncomingMessage,
  tokens: Readonly<Record<string, CloudflareToken>>,
): CloudflareToken | Reply {
  const header = request.headers.authorization;
  if (header === undefined || !/^Bearer [A-Za-z0-9_-]+$/.test(header)) {
    return failure(400, 6003, "Invalid request headers", [
      { code: 6111, message: "Invalid format for Authorization header" },
    ]);
  }
  return tokens[header.slice("Bearer ".length)] ?? failure(401, 1000, "Invalid API Token");
}

function create(record: Omit<StoredRecord, "id">, zone: string, stored: StoredRecord[]): Reply {
  const name = record.name.toLowerCase();
  const apex = domainToASCII(zone);
  if (name !== apex && !name.endsWith(`.${apex}`)) {
    return failure(400, 9000, "DNS name is invalid.");
  }
  if (record.ttl !== 1 && (record.ttl < 60 || record.ttl > 86_400)) {
    return failure(400, 9021, "TTL must be between 60 and 86400 seconds, or 1 for Automatic.");
  }
  if (record.type === "TXT" && !/^".*"$/.test(record.content)) {
    return failure(400, 9207, "Content for TXT record must be quoted.");
  }
  if (stored.some((each) => each.name === name && each.content === record.content)) {
    return failure(400, 81_058, "An identical record already exists.");
  }
  const made = { ...record, name, id: randomBytes(16).toString("hex") };
  stored.push(made);
  return success(made);
}

function valuesOf(stored: readonly StoredRecord[], name: string): string[] {
  return stored.filter((record) => record.name === name).map(({ content }) => unquoted(content));
}

function matches(record: StoredRecord, url: URL): boolean {
  const name = url.searchParams.get("name") ?? record.name;
  return record.name === name && record.type === (url.searchParams.get("type") ?? record.type);
}

function page(items: readonly unknown[], url: URL, pageSize: number): Reply {
  const number = Number(url.searchParams.get("page") ?? "1");
  const perPage = Math.min(Number(url.searchParams.get("per_page") ?? "20"), pageSize);
  const result = items.slice((number - 1) * perPage, number * perPage);
  return {
    status: 200,
    body: {
      success: true,
      errors: [],
      messages: [],
      result,
      result_info: {
        page: number,
        per_page: perPage,
        count: result.length,
        total_count: items.length,
        total_pages: Math.ceil(items.length / perPage),
      },
    },
  };
}

function success(result: unknown): Reply {
  return { status: 200, body: { success: true, errors: [], messages: [], result } };
}

function failure(
  status: number,
  code: number,
  message: string,
  error_chain?: readonly { readonly code: number; readonly message: string }[],
): Reply {
  return {
    status,
    body: { success: false, errors: [{ code, message, error_chain }], messages: [], result: null },
  };
}
