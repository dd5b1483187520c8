/** TXT records in PowerDNS' authoritative server, by its HTTP API. @see https://doc.powerdns.com/authoritative/http-api/ */
import { pathOf, type Rest } from "../../../../http/rest-service";
import { isRecord, objects } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { overRest } from "../../services/over-rest";
import { type RecordSet, recordSetProvider } from "../../services/record-set-service";
import type { DnsZone } from "../../services/zones";
import type { PowerDnsArguments } from "./arguments";

interface PowerDnsZone extends DnsZone {
  readonly kind: string;
}

/** Zones whose secondaries are told of changes: the API does not do it by itself. */
const PRIMARY = ["Master", "Primary", "Producer"];

/**
 * Writes record sets, many in one call.
 *
 * @see https://doc.powerdns.com/authoritative/http-api/zone.html
 */
export function createProvider(options: PowerDnsArguments): DnsProvider {
  const { apiUrl, apiKey, serverId = "localhost", zone } = options;
  const zones = `/api/v1${pathOf("servers", serverId, "zones")}`;
  return recordSetProvider<Rest, PowerDnsZone>({
    ...overRest({
      service: `PowerDNS at ${new URL(apiUrl).host}`,
      apiUrl,
      credentials: [apiKey],
      headers: { "X-API-Key": apiKey },
      remedies: {
        401: "apiKey must be the server's api-key, and webserver-allow-from must list this machine",
        403: "webserver-allow-from must list this machine",
        404: 'the server must have api=yes; apiUrl is given without "/api/v1"',
      },
    }),
    zone,
    advice: "create the zone there, or give zone",
    namesAtOnce: 50,
    zonesNamed: async (rest, domain) => {
      const { json } = await rest("GET", `${zones}?zone=${encodeURIComponent(`${domain}.`)}`);
      const found = Array.isArray(json) ? json.filter(isRecord) : [];
      return found
        .filter(({ name }) => name === `${domain}.`)
        .map(({ id, kind }) => ({ id: String(id), name: domain, kind: String(kind) }));
    },
    read: async (rest, { id }, name) => {
      // Versions that do not know the filter answer with the whole zone.
      const filter = new URLSearchParams({ rrset_name: `${name}.`, rrset_type: "TXT" });
      const { json } = await rest("GET", `${zones}${pathOf(id)}?${filter.toString()}`);
      const sets = isRecord(json) ? objects(json, "rrsets") : [];
      const set = sets.find((each) => each["name"] === `${name}.` && each["type"] === "TXT");
      if (set === undefined) return undefined;
      const contents = objects(set, "records").map(({ content }) => String(content));
      return { name, contents, ttl: Number(set["ttl"]) };
    },
    write: (rest, { id }, sets) =>
      rest("PATCH", `${zones}${pathOf(id)}`, { rrsets: sets.map(toRrset) }),
    publish: async (rest, { id, kind }) => {
      if (PRIMARY.includes(kind)) await rest("PUT", `${zones}${pathOf(id, "notify")}`);
    },
  });
}

function toRrset({ name, contents, ttl }: RecordSet): unknown {
  return {
    name: `${name}.`,
    type: "TXT",
    ttl,
    changetype: contents.length === 0 ? "DELETE" : "REPLACE",
    records: contents.map((content) => ({ content, disabled: false })),
  };
}
