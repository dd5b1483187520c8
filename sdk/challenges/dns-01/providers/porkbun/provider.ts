/** TXT records in Porkbun's DNS, by its API. @see https://porkbun.com/api/json/v3/documentation */
import type { ApiReply } from "../../../../http/json-api";
import {
  pathOf,
  type RefusalReason,
  type Rest,
  reasonsIn,
  unlessMissing,
} from "../../../../http/rest-service";
import { asObject, objects } from "../../../../util/json";
import { singleLine } from "../../../../util/text";
import type { DnsProvider } from "../../provider";
import { overRest } from "../../services/over-rest";
import { recordProvider } from "../../services/record-service";
import { relativeTo, unquoted } from "../../services/txt";
import type { PorkbunArguments } from "./arguments";

const API_URL = "https://api.porkbun.com/api/json/v3";
/** What the service says of a name that is no domain of the account, or that the key may not use. */
const NO_DOMAIN = ["INVALID_DOMAIN", "DOMAIN_NOT_FOUND", "DOMAIN_NOT_ALLOWED"];
/** Older answers have a message alone. */
const MEANINGS: readonly [RegExp, string][] = [
  [/invalid api key/i, "INVALID_API_KEYS_002"],
  [/not opted in/i, "API_ACCESS_DISABLED"],
  [/invalid domain/i, "INVALID_DOMAIN"],
];
const KEY_REMEDY = "apiKey and secretApiKey must be a pair that is valid (Account → API Access)";

/** Adds and removes records one by one. All calls are POST, with the keys in their body. */
export function createProvider(options: PorkbunArguments): DnsProvider {
  const { apiKey, secretApiKey, zone, apiUrl = API_URL } = options;
  const keys = { apikey: apiKey, secretapikey: secretApiKey };
  const txtOf = (domain: string, name: string): string =>
    pathOf("dns", "retrieveByNameType", domain, "TXT") +
    (name === domain ? "" : pathOf(relativeTo(domain, name)));
  return recordProvider<Rest>({
    ...overRest({
      service: "Porkbun",
      apiUrl,
      credentials: [apiKey, secretApiKey],
      refusalIn,
      remedies: {
        INVALID_API_KEYS_001: KEY_REMEDY,
        INVALID_API_KEYS_002: KEY_REMEDY,
        API_ACCESS_DISABLED: "turn on API Access in the details of the domain",
        IP_NOT_ALLOWED: "the API key must be allowed for the address of this machine",
      },
    }),
    zone,
    advice:
      "the domain must be in the account, and the API key be allowed for it (Account → API Access)",
    minTtl: 600,
    zonesNamed: async (rest, domain) => {
      const path = pathOf("dns", "retrieveByNameType", domain, "NS");
      const reply = await unlessMissing(rest("POST", path, keys), NO_DOMAIN);
      return reply === undefined ? [] : [{ id: domain, name: domain }];
    },
    list: async (rest, { id: domain }, name) => {
      const { json } = await rest("POST", txtOf(domain, name), keys);
      return objects(asObject(json) ?? {}, "records").map(({ id, content }) => ({
        id: String(id),
        value: unquoted(String(content)),
      }));
    },
    create: (rest, { id: domain }, { name, value, ttl }) =>
      rest("POST", pathOf("dns", "create", domain), {
        ...keys,
        name: relativeTo(domain, name),
        type: "TXT",
        content: value,
        ttl: String(ttl),
      }),
    delete: (rest, { id: domain }, id) => rest("POST", pathOf("dns", "delete", domain, id), keys),
  });
}

/** Errors come with the status 400, and with 200. */
function refusalIn({ json, text }: ApiReply): RefusalReason | undefined {
  const { status, code } = asObject(json) ?? {};
  if (status === "SUCCESS") return undefined;
  const message = singleLine(reasonsIn(json).join(", ") || text, 200);
  const meant = MEANINGS.filter(([pattern]) => pattern.test(message)).map(([, each]) => each);
  return { words: `: ${message}`, codes: typeof code === "string" ? [code] : meant };
}
