/** TXT records in Vultr's DNS, by its API. @see https://www.vultr.com/api/#tag/dns */
import { pathOf, type Rest, unlessMissing } from "../../../../http/rest-service";
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
    zonesNamed: async (rest, domain) => {
      const reply = await unlessMissing(rest("GET", pathOf("domains", domain)));
      return reply === undefined ? [] : [{ id: domain, name: domain }];
    },
    list: async (rest, { id: domain }, name) => {
      const records: Record<string, unknown>[] = [];
      for (let cursor = ""; ;) {
        const query = new URLSearchParams({ per_page: PER_PAGE, cursor });
        const path = `${pathOf("domains", domain, "records")}?${query.toString()}`;
        const body = asObject((await rest("GET", path)).json) ?? {};
        const page = objects(body, "records");
        records.push(...page);
        const next = asObject(asObject(body["meta"])?.["links"])?.["next"] ?? "";
        if (next === "" || typeof next !== "string" || page.length === 0) break;
        cursor = next;
      }
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
