/** TXT records in Hetzner's DNS, by the Cloud API. @see https://docs.hetzner.cloud/reference/cloud#dns */
import { pathOf, Refusal, type Rest, unlessMissing } from "../../../../http/rest-service";
import { delay } from "../../../../util/abort";
import { type Backoff, backoffMs } from "../../../../util/backoff";
import { messageOf } from "../../../../util/errors";
import { asObject, objects } from "../../../../util/json";
import { singleLine } from "../../../../util/text";
import type { DnsProvider } from "../../provider";
import { overRest } from "../../services/over-rest";
import { recordProvider } from "../../services/record-service";
import { quoted, relativeOrApex, unquoted } from "../../services/txt";
import type { DnsZone } from "../../services/zones";
import type { HetznerArguments } from "./arguments";

const API_URL = "https://api.hetzner.cloud/v1";
const SERVICE = "Hetzner";
/** Most actions are done at once. */
const POLLS: Backoff = { initialMs: 50, factor: 2, maxMs: 1000 };

interface Connection {
  readonly rest: Rest;
  readonly signal: AbortSignal;
}

/**
 * Adds values to record sets and removes them, each by an action that the service carries out one at a time in a zone.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#zone-rrset-actions
 * @see https://docs.hetzner.cloud/reference/cloud#errors
 */
export function createProvider(options: HetznerArguments): DnsProvider {
  const { apiToken, zone, apiUrl = API_URL } = options;
  const overHttp = overRest({
    service: SERVICE,
    apiUrl,
    credentials: [apiToken],
    headers: { Authorization: `Bearer ${apiToken}` },
    limit: {
      calls: 3600,
      perMs: 3_600_000,
      words: "Hetzner takes 3600 calls an hour from a project",
    },
    // "Item is locked (another action is running)".
    busy: [423],
    remedies: {
      401: "apiToken must be a token of the Cloud Console's project (Security → API tokens), not of the old DNS Console",
      403: "the API token needs the permission Read & Write",
    },
  });
  return recordProvider<Connection>({
    ...overHttp,
    connect: (context, work) =>
      overHttp.connect(context, (rest) => work({ rest, signal: context.signal })),
    zone,
    advice: "apiToken must be of the project that has the zone in the Cloud Console",
    minTtl: 60,
    lock: "zone",
    zonesNamed: async ({ rest }, domain) => {
      const reply = await unlessMissing(rest("GET", pathOf("zones", domain)));
      const found = asObject(asObject(reply?.json)?.["zone"]);
      return found === undefined ? [] : [{ id: String(found["id"]), name: domain }];
    },
    list: async ({ rest }, inZone, name) => {
      const reply = await unlessMissing(rest("GET", setOf(inZone, name)));
      const set = asObject(asObject(reply?.json)?.["rrset"]) ?? {};
      return objects(set, "records").map(({ value }) => ({
        id: String(value),
        value: unquoted(String(value)),
      }));
    },
    create: (connection, inZone, { name, value, ttl, isFirst }) =>
      act(connection, `${setOf(inZone, name)}/actions/add_records`, {
        records: [{ value: quoted(value) }],
        // A set that is there keeps its own.
        ttl: isFirst ? ttl : undefined,
      }),
    delete: (connection, inZone, content, name) =>
      act(connection, `${setOf(inZone, name)}/actions/remove_records`, {
        records: [{ value: content }],
      }),
  });
}

function setOf({ id, name: zone }: DnsZone, name: string): string {
  return pathOf("zones", id, "rrsets", relativeOrApex(zone, name), "TXT");
}

/** Begins an action and waits for its end. @throws Refusal where it fails */
async function act({ rest, signal }: Connection, path: string, body: unknown): Promise<void> {
  let { json } = await rest("POST", path, body);
  for (let polls = 0; ; polls++) {
    const { id, status, error } = asObject(asObject(json)?.["action"]) ?? {};
    if (status === "success") return;
    if (status !== "running") {
      const { message } = asObject(error) ?? {};
      throw new Refusal(`${SERVICE}'s action failed: ${singleLine(String(message))}`, 200);
    }
    await delay(backoffMs(POLLS, polls), signal);
    ({ json } = await rest("GET", pathOf("actions", String(id))).catch(unknownOutcome));
  }
}

/** An action that cannot be watched may have been carried out: no refusal, after which nothing would be removed. */
function unknownOutcome(error: unknown): never {
  throw new Error(messageOf(error), { cause: error });
}
