/** DNS services in which each value is a record of its own, with an id. */
import type { DnsProvider, DnsRecord } from "../provider";
import { type Batch, noted, providerFor } from "./changes";
import { Refusal } from "../../../http/rest-service";
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
  /** Where a service has to be told to publish a zone, after its records were changed. */
  publish?(connection: Connection, zone: Zone): Promise<unknown>;
}

export interface NewRecord extends Pick<DnsRecord, "name" | "value" | "ttl"> {
  /** Whether the name has no TXT record yet; unknown of what {@link RecordService.refusesDuplicates}. */
  readonly isFirst: boolean;
}

/** Adds and removes single records; what is left over from a run that was killed counts as added. */
export function recordProvider<Connection, Zone extends DnsZone = DnsZone>(
  service: RecordService<Connection, Zone>,
): DnsProvider {
  const { minTtl = 1, lock, refusesDuplicates = false } = service;
  return providerFor(service, {
    lock,
    add: async (batch, context) => {
      const { connection, zone, records } = batch;
      const there = new Set(refusesDuplicates ? [] : await valuesIn(service, batch));
      for (const record of records) {
        const { name, value } = record;
        const ttl = Math.max(minTtl, record.ttl);
        await noted([record], context, async () => {
          // Left over from a run that was killed: the value comes from our key.
          if (there.has(value)) return;
          const isFirst = there.size === 0;
          await service.create(connection, zone, { name, value, ttl, isFirst }).catch(
            // Added by a call whose answer was lost.
            unless(async () => (await valuesIn(service, batch)).includes(value)),
          );
          there.add(value);
        });
      }
      // Also what was left over: the run may have been killed before it was published.
      await service.publish?.(connection, zone);
    },
    remove: async (batch) => {
      const { connection, zone, records } = batch;
      const name = records[0]?.name ?? "";
      const own = new Set(records.map(({ value }) => value));
      const there = await service.list(connection, zone, name);
      const gone = there.filter(({ value }) => own.has(value));
      for (const { id } of gone) {
        await service.delete(connection, zone, id, name).catch(
          unless(async () => {
            const left = await service.list(connection, zone, name);
            return left.every((record) => record.id !== id);
          }),
        );
      }
      if (gone.length > 0) await service.publish?.(connection, zone);
    },
  });
}

async function valuesIn<Connection, Zone extends DnsZone>(
  service: RecordService<Connection, Zone>,
  { connection, zone, records }: Batch<Connection, Zone>,
): Promise<string[]> {
  const found = await service.list(connection, zone, records[0]?.name ?? "");
  return found.map(({ value }) => value);
}

/** Lets a refusal pass where what was asked for `isDone` all the same. */
function unless(isDone: () => Promise<boolean>): (error: unknown) => Promise<void> {
  return async (error) => {
    if (error instanceof Refusal && (await isDone().catch(() => false))) return;
    throw error;
  };
}
