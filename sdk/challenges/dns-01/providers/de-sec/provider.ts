/** TXT records in deSEC's DNS, by its API. @see https://desec.readthedocs.io/en/latest/dns/rrsets.html */
import { pathOf, type Rest, unlessMissing } from "../../../../http/rest-service";
import { asObject, isRecord, strings } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { overRest } from "../../services/over-rest";
import { type RecordSet, recordSetProvider } from "../../services/record-set-service";
import { relativeOrApex, relativeTo, withoutTrailingDot } from "../../services/txt";
import type { DnsZone } from "../../services/zones";
import type { DeSecArguments } from "./arguments";

const API_URL = "https://desec.io/api/v1";

interface DeSecZone extends DnsZone {
  /** Seconds: an hour, unless deSEC has agreed to less. */
  readonly minimumTtl: number;
}

/**
 * Writes record sets, many in one call: a domain takes 15 of them a minute.
 *
 * @see https://desec.readthedocs.io/en/latest/rate-limits.html
 */
export function createProvider(options: DeSecArguments): DnsProvider {
  const { token, zone, apiUrl = API_URL } = options;
  return recordSetProvider<Rest, DeSecZone>({
    ...overRest({
      service: "deSEC",
      apiUrl,
      credentials: [token],
      headers: { Authorization: `Token ${token}` },
      remedies: {
        401: "token must be one that is valid (Token Management), for the addresses of this machine",
        403: "the token's policies must let it write the TXT records of the domain",
      },
    }),
    zone,
    advice: "create the domain there, or use a token of the account that has it",
    minTtl: ({ minimumTtl }) => minimumTtl,
    namesAtOnce: 50,
    allZones: async (rest) => {
      const { json } = await rest("GET", "/domains/");
      return listOf(json).map(({ name, minimum_ttl }) => {
        const domain = String(name);
        return { id: domain, name: domain, minimumTtl: Number(minimum_ttl ?? 3600) };
      });
    },
    read: async (rest, { id: domain }, name) => {
      const place = pathOf("domains", domain, "rrsets", relativeOrApex(domain, name), "TXT");
      const reply = await unlessMissing(rest("GET", `${place}/`));
      return reply === undefined ? undefined : toSet(asObject(reply.json) ?? {});
    },
    readAll: async (rest, { id: domain }) => {
      const all = rest("GET", `${pathOf("domains", domain, "rrsets")}/?type=TXT`);
      // Refused where there are more than 500.
      const reply = await unlessMissing(all, ["400"]);
      return reply && listOf(reply.json).map(toSet);
    },
    write: (rest, { id: domain }, sets) =>
      rest(
        "PUT",
        `${pathOf("domains", domain, "rrsets")}/`,
        sets.map(({ name, contents, ttl }) => ({
          subname: relativeTo(domain, name),
          type: "TXT",
          ttl,
          records: contents,
        })),
      ),
  });
}

function toSet(set: Record<string, unknown>): RecordSet {
  const name = withoutTrailingDot(String(set["name"]));
  return { name, contents: strings(set, "records"), ttl: Number(set["ttl"]) };
}

function listOf(json: unknown): Record<string, unknown>[] {
  return Array.isArray(json) ? json.filter(isRecord) : [];
}
