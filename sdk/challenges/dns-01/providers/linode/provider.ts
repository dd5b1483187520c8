/** TXT records in Linode's DNS Manager, by its API. @see https://techdocs.akamai.com/linode-api/reference/get-domains */
import { pathOf, type Rest } from "../../../../http/rest-service";
import type { ApiReply } from "../../../../http/json-api";
import { asObject, objects } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { allPages, overRest, type Page } from "../../services/over-rest";
import { recordProvider } from "../../services/record-service";
import { relativeTo, unquoted } from "../../services/txt";
import type { LinodeArguments } from "./arguments";

const API_URL = "https://api.linode.com/v4";
const PER_PAGE = "500";
/** A token that lacks a scope is refused by the same status as one that is none. */
const TOKEN_REMEDY =
  "token must be a personal access token that has not expired, with Read/Write for Domains";

/**
 * Adds and removes records one by one.
 *
 * @see https://techdocs.akamai.com/linode-api/reference/post-domain-record
 */
export function createProvider(options: LinodeArguments): DnsProvider {
  const { token, zone, apiUrl = API_URL } = options;
  return recordProvider<Rest>({
    ...overRest({
      service: "Linode",
      apiUrl,
      credentials: [token],
      headers: { Authorization: `Bearer ${token}` },
      remedies: { 401: TOKEN_REMEDY, 403: TOKEN_REMEDY },
    }),
    zone,
    advice: "add the domain in the DNS Manager, or use a token of the account that has it",
    minTtl: 300,
    // The list is of the whole zone, and its pages shift when a record is removed.
    lock: "zone",
    zonesNamed: async (rest, domain) => {
      const { items } = pageOf(await rest("GET", "/domains", undefined, filter({ domain })), 1);
      // The zone of another server cannot be changed here.
      return items
        .filter((found) => found["domain"] === domain && found["type"] !== "slave")
        .map(({ id }) => ({ id: String(id), name: domain }));
    },
    list: async (rest, { id, name: domain }, name) => {
      const records = await allPages(async (page) => {
        const query = new URLSearchParams({ page: String(page), page_size: PER_PAGE });
        const path = `${pathOf("domains", id, "records")}?${query.toString()}`;
        return pageOf(await rest("GET", path, undefined, filter({ type: "TXT" })), page);
      });
      const names = [name, relativeTo(domain, name)];
      return records
        .filter((record) => record["type"] === "TXT" && names.includes(String(record["name"])))
        .map((record) => ({ id: Number(record["id"]), value: unquoted(String(record["target"])) }));
    },
    create: (rest, { id, name: domain }, { name, value, ttl }) =>
      rest("POST", pathOf("domains", id, "records"), {
        type: "TXT",
        name: relativeTo(domain, name),
        target: value,
        ttl_sec: ttl,
      }),
    delete: (rest, { id: domain }, id) => rest("DELETE", pathOf("domains", domain, "records", id)),
  });
}

/** @see https://techdocs.akamai.com/linode-api/reference/filtering-and-sorting */
function filter(members: Readonly<Record<string, string>>): Record<string, string> {
  return { "X-Filter": JSON.stringify(members) };
}

function pageOf({ json }: ApiReply, page: number): Page<Record<string, unknown>> {
  const body = asObject(json) ?? {};
  return { items: objects(body, "data"), isLast: !(page < Number(body["pages"])) };
}
