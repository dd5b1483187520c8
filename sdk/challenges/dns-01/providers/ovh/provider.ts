/** TXT records in OVHcloud's DNS, by its API. @see https://eu.api.ovh.com/console/?section=%2Fdomain */
import type { ApiReply } from "../../../../http/json-api";
import {
  pathOf,
  type RefusalReason,
  refusalByStatus,
  type Rest,
  unlessMissing,
} from "../../../../http/rest-service";
import { asObject } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { overRest } from "../../services/over-rest";
import { recordProvider } from "../../services/record-service";
import { quoted, relativeTo, unquoted } from "../../services/txt";
import { OVH_ENDPOINTS, type OvhArguments } from "./arguments";
import { signing } from "./signature";

const NOT_GRANTED = "NOT_GRANTED_CALL";
const RIGHTS = "the consumer key needs GET, POST and DELETE on /domain/zone/*";
const CONSUMER = "consumerKey must be one that was validated and has not expired";

/** Adds and removes records one by one, and has the zone published after each name. */
export function createProvider(options: OvhArguments): DnsProvider {
  const { endpoint, applicationKey, applicationSecret, consumerKey, zone } = options;
  const { apiUrl = OVH_ENDPOINTS[endpoint] } = options;
  const unsigned = overRest({
    service: "OVHcloud",
    apiUrl,
    credentials: [applicationKey, applicationSecret, consumerKey],
    refusalIn,
    remedies: {
      [NOT_GRANTED]: RIGHTS,
      NOT_CREDENTIAL: CONSUMER,
      INVALID_CREDENTIAL: CONSUMER,
      INVALID_KEY: "applicationKey must be one that was created at this endpoint",
      INVALID_SIGNATURE: "applicationSecret must be the one of applicationKey",
    },
  });
  return recordProvider<Rest>({
    ...unsigned,
    connect: (context, work) =>
      unsigned.connect(context, async (rest) =>
        work(await signing(rest, apiUrl, options, context.signal)),
      ),
    zone,
    advice: `the zone must be in the account of the keys, and ${RIGHTS}`,
    minTtl: 60,
    zonesNamed: async (rest, domain) => {
      // A consumer key for one zone is not told of what lies beside it.
      const reply = await unlessMissing(rest("GET", zonePath(domain)), ["404", NOT_GRANTED]);
      return reply === undefined ? [] : [{ id: domain, name: domain }];
    },
    list: async (rest, { id: domain }, name) => {
      const query = new URLSearchParams({
        fieldType: "TXT",
        subDomain: relativeTo(domain, name),
      });
      const { json } = await rest("GET", `${zonePath(domain, "record")}?${query.toString()}`);
      const ids = Array.isArray(json) ? json.map(Number) : [];
      const records = ids.map(async (id) => {
        const reply = await unlessMissing(rest("GET", zonePath(domain, "record", id)));
        return { id, value: unquoted(String(asObject(reply?.json)?.["target"])) };
      });
      return await Promise.all(records);
    },
    create: (rest, { id: domain }, { name, value, ttl }) =>
      rest("POST", zonePath(domain, "record"), {
        fieldType: "TXT",
        subDomain: relativeTo(domain, name),
        target: quoted(value),
        ttl,
      }),
    delete: (rest, { id: domain }, id) => rest("DELETE", zonePath(domain, "record", id)),
    publish: (rest, { id: domain }) => rest("POST", zonePath(domain, "refresh")),
  });
}

function zonePath(...segments: readonly (string | number)[]): string {
  return `/domain/zone${pathOf(...segments)}`;
}

/** Some refusals have a code, some a sentence alone. */
function refusalIn(reply: ApiReply): RefusalReason | undefined {
  const reason = refusalByStatus(reply);
  if (reason === undefined) return undefined;
  const { errorCode, message } = asObject(reply.json) ?? {};
  const isNotGranted = /has not been granted/i.test(String(message));
  const code = typeof errorCode === "string" ? errorCode : isNotGranted ? NOT_GRANTED : undefined;
  return { ...reason, codes: code === undefined ? [] : [code] };
}
