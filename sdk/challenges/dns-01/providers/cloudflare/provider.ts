/** TXT records in Cloudflare's DNS, by its REST API. @see https://developers.cloudflare.com/api/ */
import { pathOf, type Rest } from "../../../../http/rest-service";
import type { DnsProvider } from "../../provider";
import { allPages, overRest } from "../../services/over-rest";
import { recordProvider, type TxtRecord } from "../../services/record-service";
import { quoted, unquoted } from "../../services/txt";
import type { DnsZone } from "../../services/zones";
import { pageIn, refusalIn } from "./answers";
import type { CloudflareArguments } from "./arguments";
import { formsOf, isSameName } from "./names";

const API_URL = "https://api.cloudflare.com/client/v4";
const PER_PAGE = "100";
const TOKEN_REMEDY =
  "apiToken must be an API token that is active (My Profile → API Tokens), not the global API key";

/**
 * Adds and removes records one by one, so that a token for a single zone is enough.
 *
 * @see https://developers.cloudflare.com/api/resources/dns/subresources/records/
 * @see https://developers.cloudflare.com/api/resources/zones/methods/list/
 */
export function createProvider(options: CloudflareArguments): DnsProvider {
  const { apiToken, zoneId, apiUrl = API_URL } = options;
  return recordProvider<Rest>({
    ...overRest({
      service: "Cloudflare",
      apiUrl,
      credentials: [apiToken],
      headers: { Authorization: `Bearer ${apiToken}` },
      limit: {
        // https://developers.cloudflare.com/fundamentals/api/reference/limits/
        calls: 1200,
        perMs: 5 * 60_000,
        words: "Cloudflare takes 1200 calls in five minutes from a user, whoever makes them",
      },
      refusalIn,
      remedies: {
        401: TOKEN_REMEDY,
        // "Invalid request headers".
        6003: TOKEN_REMEDY,
        403: "the API token needs the permission Zone → DNS → Edit, and Zone → Zone → Read (or give zoneId)",
      },
    }),
    zone: zoneId === undefined ? undefined : { id: zoneId, name: `zone ${zoneId}` },
    advice:
      'give the API token the permission Zone → Zone → Read and the zone in "Zone Resources", or give zoneId',
    minTtl: 60,
    refusesDuplicates: true,
    zonesNamed,
    list,
    create: (rest, zone, { name, value, ttl }) =>
      // Quoted, as Cloudflare stores TXT records.
      rest("POST", recordsOf(zone), { type: "TXT", name, content: quoted(value), ttl }),
    delete: (rest, zone, id) => rest("DELETE", `${recordsOf(zone)}${pathOf(id)}`),
  });
}

async function zonesNamed(rest: Rest, domain: string): Promise<DnsZone[]> {
  for (const form of formsOf(domain)) {
    const query = new URLSearchParams({ name: form, per_page: "50" });
    const { items } = pageIn(await rest("GET", `/zones?${query.toString()}`), 1);
    const zones = items.filter(({ name }) => isSameName(name, domain));
    // A domain may be pending in one account while another account serves it.
    const zone = zones.find(({ status }) => status === "active") ?? zones[0];
    if (zone !== undefined) return [{ id: String(zone["id"]), name: domain }];
  }
  return [];
}

async function list(rest: Rest, zone: DnsZone, name: string): Promise<TxtRecord[]> {
  const found = new Map<string, string>();
  for (const form of formsOf(name)) {
    const records = await allPages(async (page) => {
      const query = new URLSearchParams({
        type: "TXT",
        name: form,
        page: String(page),
        per_page: PER_PAGE,
      });
      return pageIn(await rest("GET", `${recordsOf(zone)}?${query.toString()}`), page);
    });
    for (const record of records) {
      if (record["type"] !== "TXT" || !isSameName(record["name"], name)) continue;
      found.set(String(record["id"]), unquoted(String(record["content"])));
    }
  }
  return [...found].map(([id, value]) => ({ id, value }));
}

function recordsOf({ id }: DnsZone): string {
  return pathOf("zones", id, "dns_records");
}
