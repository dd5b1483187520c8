/** TXT records in Azure DNS, by its REST API. @see https://learn.microsoft.com/rest/api/dns/record-sets */
import type { ApiReply } from "../../../../http/json-api";
import {
  pathOf,
  type RefusalReason,
  refusalByStatus,
  type Rest,
  unlessMissing,
  withRest,
} from "../../../../http/rest-service";
import { asObject, isRecord, objects, optionalString, strings } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { type RecordSet, recordSetProvider } from "../../services/record-set-service";
import { quoted, relativeOrApex, unquoted } from "../../services/txt";
import type { DnsZone } from "../../services/zones";
import { API_URL } from "./api-url";
import type { AzureArguments } from "./arguments";
import { tokenFor } from "./login";

const API_VERSION = "2018-05-01";
const ROLE = "the identity needs the role DNS Zone Contributor for the zone";

interface Connection {
  readonly rest: Rest;
  /** What was read, by names. */
  readonly sets: Map<string, AzureSet>;
}

interface AzureSet {
  readonly etag: string | undefined;
  readonly metadata: unknown;
  /** A value may be in several parts; by their contents as in a zone file. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Writes record sets, each only as it was read: what others change meanwhile is read again. */
export function createProvider(options: AzureArguments): DnsProvider {
  const { subscriptionId, resourceGroup, clientId = "", zone, apiUrl = API_URL } = options;
  const place = ["subscriptions", subscriptionId, "resourceGroups", resourceGroup];
  const zones = pathOf(...place, "providers", "Microsoft.Network", "dnsZones");
  const pathTo = (...segments: readonly string[]): string =>
    `${zones}${pathOf(...segments)}?api-version=${API_VERSION}`;
  const setIn = ({ name: domain }: DnsZone, name: string): string =>
    pathTo(domain, "TXT", relativeOrApex(domain, name));
  const account = [apiUrl, subscriptionId, resourceGroup, clientId];
  return recordSetProvider<Connection>({
    service: "Azure DNS",
    account,
    zone,
    advice:
      "the zone must be in the resource group, and the identity have the role DNS Zone Contributor",
    connect: async (context, work) => {
      const token = await tokenFor(options, context);
      const rest = {
        service: "Azure DNS",
        apiUrl,
        credentials: [token],
        account,
        headers: { Authorization: `Bearer ${token}` },
        refusalIn,
        remedies: { 401: "check tenantId and clientId", 403: ROLE, AuthorizationFailed: ROLE },
      };
      return await withRest(rest, context, (calls) => work({ rest: calls, sets: new Map() }));
    },
    zonesNamed: async ({ rest }, domain) => {
      const reply = await unlessMissing(rest("GET", pathTo(domain)));
      const { zoneType } = asObject(asObject(reply?.json)?.["properties"]) ?? {};
      return reply === undefined || zoneType === "Private" ? [] : [{ id: domain, name: domain }];
    },
    read: async ({ rest, sets }, inZone, name) => {
      const reply = await unlessMissing(rest("GET", setIn(inZone, name)));
      sets.delete(name);
      if (!isRecord(reply?.json)) return undefined;
      const { properties = {}, etag } = reply.json as { properties?: object; etag?: string };
      const { TTL, metadata } = properties as { TTL?: number; metadata?: unknown };
      const records = objects({ ...properties }, "TXTRecords").map((one) => strings(one, "value"));
      const values = new Map(records.map((parts) => [parts.map(quoted).join(" "), parts]));
      sets.set(name, { etag, metadata, values });
      return { name, contents: [...values.keys()], ttl: Number(TTL) };
    },
    write: async ({ rest, sets }, inZone, [set]) => {
      if (set === undefined) return;
      const former = sets.get(set.name);
      const headers: Readonly<Record<string, string>> =
        former?.etag === undefined ? { "If-None-Match": "*" } : { "If-Match": former.etag };
      const path = setIn(inZone, set.name);
      if (set.contents.length > 0) await rest("PUT", path, bodyOf(set, former), headers);
      else await unlessMissing(rest("DELETE", path, undefined, headers));
    },
    isOvertaken: ({ status }) => status === 412,
  });
}

function bodyOf({ contents, ttl }: RecordSet, former: AzureSet | undefined): unknown {
  const TXTRecords = contents.map((content) => ({
    value: former?.values.get(content) ?? [unquoted(content)],
  }));
  return { properties: { TTL: ttl, TXTRecords, metadata: former?.metadata } };
}

function refusalIn(reply: ApiReply): RefusalReason | undefined {
  const reason = refusalByStatus(reply);
  const code = optionalString(asObject(asObject(reply.json)?.["error"]) ?? {}, "code");
  return reason && { ...reason, codes: code === undefined ? [] : [code] };
}
