/** TXT records in Gandi's LiveDNS, by its API. @see https://api.gandi.net/docs/livedns/ */
import { pathOf, type Rest, unlessMissing } from "../../../../http/rest-service";
import { asObject, strings } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { overRest } from "../../services/over-rest";
import { recordSetProvider } from "../../services/record-set-service";
import { relativeOrApex } from "../../services/txt";
import type { GandiArguments } from "./arguments";

const API_URL = "https://api.gandi.net/v5";
const PERMISSION = '"Manage domain name technical configurations"';

/** Writes record sets, one by one. */
export function createProvider(options: GandiArguments): DnsProvider {
  const { personalAccessToken, zone, apiUrl = API_URL } = options;
  const setOf = (domain: string, name: string): string =>
    `/livedns${pathOf("domains", domain, "records", relativeOrApex(domain, name), "TXT")}`;
  return recordSetProvider<Rest>({
    ...overRest({
      service: "Gandi",
      apiUrl,
      credentials: [personalAccessToken],
      headers: { Authorization: `Bearer ${personalAccessToken}` },
      remedies: {
        401: "personalAccessToken must be one that has not expired; the old API keys are none",
        403: `the token needs ${PERMISSION} for the domain`,
      },
    }),
    zone,
    advice: `the domain must use LiveDNS, and the token needs ${PERMISSION} for it`,
    minTtl: () => 300,
    zonesNamed: async (rest, domain) => {
      // A token that is limited to some domains is forbidden all other names, those of no domain among them.
      const found = await unlessMissing(rest("GET", `/livedns${pathOf("domains", domain)}`), [
        "403",
        "404",
      ]);
      return found === undefined ? [] : [{ id: domain, name: domain }];
    },
    read: async (rest, { id: domain }, name) => {
      const reply = await unlessMissing(rest("GET", setOf(domain, name)));
      const set = asObject(reply?.json);
      if (set === undefined) return undefined;
      return { name, contents: strings(set, "rrset_values"), ttl: Number(set["rrset_ttl"]) };
    },
    write: async (rest, { id: domain }, sets) => {
      for (const { name, contents, ttl } of sets) {
        const place = setOf(domain, name);
        if (contents.length === 0) await unlessMissing(rest("DELETE", place));
        else await rest("PUT", place, { rrset_ttl: ttl, rrset_values: contents });
      }
    },
  });
}
