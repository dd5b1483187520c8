/** TXT records in Vultr's DNS, by its API. @see https://www.vultr.com/api/#tag/dns */
import { pathOf, type Rest } from "../../../../http/rest-service";
import { asObject, objects } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { overRest } from "../../services/over-rest";
import { recordProvider } from "../../services/record-service";
import { quoted, relativeTo, unquoted } from "../../services/txt";
import type { VultrArguments } from "./arguments";

const API_URL = "https://api.vultr.com/v2";
const PER_PAGE = "500";

/** Adds and removes records one by one. */
export function createProvider(options: VultrArguments): DnsProvider {
  const { apiKey, zone, apiUrl = API_URL } = options;
  return recordProvider<Rest>({
    ...overRest({
      service: "Vultr",
      apiUrl,
      credentials: [apiKey],
      headers: { Authorization: `Bearer ${apiKey}` },
      remedies: {
        401: "apiKey must be active, and its Access Control (Account → API) must list the address of this machine",
        403: "the user of the API key needs the permission Manage DNS",
      },
    }),
    zone,
    advice: "add the domain there, or use an API key of the account that has it",
    minTtl: 120,
    // The list is of the whole zone, and its pages shift when a record is removed.
    lock: "zone",
    allZones: async (rest) => {
      const domains = await allItems(rest, "/domains", "domains");
      return domains.map(({ domain }) => ({ id: String(domain), name: String(domain) }));
    },
    list: async (rest, { id: domain }, name) => {
      const records = await allItems(rest, pathOf("domains", domain, "records"), "records");
      return records
        .filter(({ type, name: own }) => type === "TXT" && own === relativeTo(domain, name))
        .map(({ id, data }) => ({ id: String(id), value: unquoted(String(data)) }));
    },
    create: (rest, { id: domain }, { name, value, ttl }) =>
      rest("POST", pathOf("domains", domain, "records"), {
        name: relativeTo(domain, name),
        type: "TXT",
        data: quoted(value),
        ttl,
        priority: 0,
      }),
    delete: (rest, { id: domain }, id) => rest("DELETE", pathOf("domains", domain, "records", id)),
  });
}

/** Those of all pages, which lead from one to the next. @see https://www.vultr.com/api/#section/Introduction/Meta-and-pagination */
async function allItems(
  rest: Rest,
  path: string,
  member: string,
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (let cursor = ""; ;) {
    const query = new URLSearchParams({ per_page: PER_PAGE, cursor });
    const body = asObject((await rest("GET", `${path}?${query.toString()}`)).json) ?? {};
    const page = objects(body, member);
    found.push(...page);
    const next = asObject(asObject(body["meta"])?.["links"])?.["next"];
    if (typeof next !== "string" || next === "" || page.length === 0) return found;
    cursor = next;
  }
}
