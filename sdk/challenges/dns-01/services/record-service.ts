/** DNS services in which each value is a record of its own, with an id. */
import type { DnsProvider, DnsRecord } from "../provider";
import { noted, providerFor } from "./changes";
import { Refusal, unlessMissing } from "../../../http/rest-service";
import type { DnsZone, ZoneService } from "./zones";

export interface TxtRecord {
  readonly id: string | number;
  /** The text itself, without quotation marks. */
  readonly value: string;
}

export interface RecordService<Connection, Zone extends DnsZone = DnsZone> extends ZoneService<
  Connection,
  Zone
> {
  /** The least that the service takes, in seconds. */
  readonly minTtl?: number;
  /** Where a service changes one thing in a zone at a time. Default: one under each name. */
  readonly lock?: "zone";
  /** Whether `create` is refused for what is there, so that the records need not be read before. */
  readonly refusesDuplicates?: boolean;
  /** All TXT records of the name, on all pages. */
  list(connection: Connection, zone: Zone, name: string): Promise<readonly TxtRecord[]>;
  create(connection: Connection, zone: Zone, record: NewRecord): Promise<unknown>;
  /** Removing what is gone is no error. */
  delete(connection: Connection, zone: Zone, id: TxtRecord["id"], name: string): Promise<unknown>;
}

export type NewRecord = Pick<DnsRecord, "name" | "value" | "ttl">;

/** Adds and removes single records; what is left over from a run that was killed counts as added. */
export function recordProvider<Connection, Zone extends DnsZone = DnsZone>(
  service: RecordService<Connection, Zone>,
): DnsProvider {
  const { minTtl = 1, lock, refusesDuplicates = false } = service;
  return providerFor(service, {
    lock,
    add: async ({ connection, zone, records }, context) => {
      const name = records[0]?.name ?? "";
      const there = async (): Promise<Set<string>> => {
        const found = await service.list(connection, zone, name);
        return new Set(found.map(({ value }) => value));
      };
      const before = refusesDuplicates ? new Set<string>() : await there();
      for (const record of records) {
        const { value } = record;
        const ttl = Math.max(minTtl, record.ttl);
        await noted([record], context, async () => {
          if (before.has(value)) return;
          try {
            await service.create(connection, zone, { name, value, ttl });
          } catch (error) {
            // Added by a call whose answer was lost, or by a run that was killed: the value comes from our key.
            const isThere =
              error instanceof Refusal && (await there().catch(() => before)).has(value);
            if (!isThere) throw error;
          }
        });
      }
    },
    remove: async ({ connection, zone, records }) => {
      const name = records[0]?.name ?? "";
      const own = new Set(records.map(({ value }) => value));
      for (const { id, value } of await service.list(connection, zone, name)) {
        if (own.has(value)) await unlessMissing(service.delete(connection, zone, id, name));
      }
    },
  });
}
