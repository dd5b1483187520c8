/** TXT records in DigitalOcean's DNS, by its API. @see https://docs.digitalocean.com/reference/api/ */
import { pathOf, type Rest, unlessMissing } from "../../../../http/rest-service";
import { isRecord, objects } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { allPages, overRest } from "../../services/over-rest";
import { recordProvider } from "../../services/record-service";
import { relativeOrApex, unquoted } from "../../services/txt";
import type { DigitalOceanArguments } from "./arguments";

const API_URL = "https://api.digitalocean.com/v2";
const PER_PAGE = "200";

/**
 * Adds and removes records one by one.
 *
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records
 */
export function createProvider(options: DigitalOceanArguments): DnsProvider {
  const { token, zone, apiUrl = API_URL } = options;
  return recordProvider<Rest>({
    ...overRest({
      service: "DigitalOcean",
      apiUrl,
      credentials: [token],
      headers: { Authorization: `Bearer ${token}` },
      limit: {
        calls: 250,
        perMs: 60_000,
        words: "DigitalOcean takes 250 calls a minute and 5000 an hour from a token",
      },
      remedies: {
        401: "token must be a personal access token that has not expired",
        403: "the token needs the scopes domain:read, domain:create and domain:delete",
      },
    }),
    zone,
    advice: "add the domain to the team of the token, or use a token of its team",
    minTtl: 30,
    zonesNamed: async (rest, domain) => {
      const reply = await unlessMissing(rest("GET", pathOf("domains", domain)));
      return reply === undefined ? [] : [{ id: domain, name: domain }];
    },
    list: async (rest, { id }, name) => {
      const records = await allPages(async (page) => {
        const query = new URLSearchParams({
          type: "TXT",
          name,
          page: String(page),
          per_page: PER_PAGE,
        });
        const path = `${pathOf("domains", id, "records")}?${query.toString()}`;
        const { json } = await rest("GET", path);
        const body = isRecord(json) ? json : {};
        const pages = isRecord(body["links"]) ? body["links"]["pages"] : undefined;
        const isLast = !isRecord(pages) || pages["next"] === undefined;
        return { items: objects(body, "domain_records"), isLast };
      });
      return records.map((record) => ({
        id: Number(record["id"]),
        value: unquoted(String(record["data"])),
      }));
    },
    create: (rest, { id, name: domain }, { name, value, ttl }) =>
      rest("POST", pathOf("domains", id, "records"), {
        type: "TXT",
        name: relativeOrApex(domain, name),
        data: value,
        ttl,
      }),
    delete: (rest, { id: domain }, id) => rest("DELETE", pathOf("domains", domain, "records", id)),
  });
}
