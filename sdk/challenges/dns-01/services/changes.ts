/** Changing the records of names in the zones that hold them: what all DNS services have in common. */
import { Refusal } from "../../../http/rest-service";
import { withLock } from "../../../util/concurrency";
import { messageOf } from "../../../util/errors";
import { enumerate } from "../../../util/text";
import { allSettled, someAtOnce } from "../all-settled";
import type { AddContext, DnsProvider, DnsProviderContext, DnsRecord } from "../provider";
import { type DnsZone, zoneOf, type ZoneService } from "./zones";

const AT_ONCE = 8;

/** All records of a few names in one zone, which nobody else of this process changes meanwhile. */
export interface Batch<Connection, Zone extends DnsZone> {
  readonly connection: Connection;
  readonly zone: Zone;
  readonly records: readonly DnsRecord[];
}

type Change<Connection, Zone extends DnsZone, Context> = (
  batch: Batch<Connection, Zone>,
  context: Context,
) => Promise<void>;

export interface Changes<Connection, Zone extends DnsZone> {
  /** Of how many names one call may change the records. Default: 1. */
  readonly namesAtOnce?: number;
  /** Where a service changes one thing in a zone at a time. Default: one under each name. */
  readonly lock?: "zone";
  readonly add: Change<Connection, Zone, AddContext>;
  readonly remove: Change<Connection, Zone, DnsProviderContext>;
}

/** A provider that finds the zone of each name and makes `changes` there, tries all, and says what failed where. */
export function providerFor<Connection, Zone extends DnsZone>(
  service: ZoneService<Connection, Zone>,
  changes: Changes<Connection, Zone>,
): DnsProvider {
  const each =
    <Context extends DnsProviderContext>(verb: string, change: Change<Connection, Zone, Context>) =>
    (records: readonly DnsRecord[], context: Context): Promise<void> =>
      service.connect(context, async (connection) => {
        const inZones = new Map<string, Batch<Connection, Zone>>();
        const lookups = someAtOnce(AT_ONCE, namesOf(records), async (name) => {
          const zone = await zoneOf(name, service, connection, context.signal);
          const before = inZones.get(zone.id)?.records ?? [];
          const own = records.filter((record) => record.name === name);
          inZones.set(zone.id, { connection, zone, records: [...before, ...own] });
        });
        await lookups.catch(() => undefined);
        const batches = [...inZones.values()].flatMap((batch) => split(batch, changes.namesAtOnce));
        const work = someAtOnce(AT_ONCE, batches, (batch) =>
          withLock(locksOf(batch, service, changes), () =>
            explained(verb, batch, context.signal, () => change(batch, context)),
          ),
        );
        await allSettled([lookups, work]);
      });
  return {
    label: service.service,
    add: each("added", changes.add),
    remove: each("removed", changes.remove),
  };
}

/** Runs `write`, which adds `records`; notes that nothing was added where the service refuses. */
export async function noted(
  records: readonly DnsRecord[],
  context: AddContext,
  write: () => Promise<unknown>,
): Promise<void> {
  context.mayAdd(records);
  try {
    await write();
  } catch (error) {
    if (error instanceof Refusal) context.notAdded(records);
    throw error;
  }
}

export function namesOf(records: readonly DnsRecord[]): string[] {
  return [...new Set(records.map(({ name }) => name))];
}

function split<Connection, Zone extends DnsZone>(
  batch: Batch<Connection, Zone>,
  namesAtOnce = 1,
): Batch<Connection, Zone>[] {
  const names = namesOf(batch.records);
  const starts = names.map((_, index) => index).filter((index) => index % namesAtOnce === 0);
  return starts.map((start) => {
    const some = new Set(names.slice(start, start + namesAtOnce));
    return { ...batch, records: batch.records.filter(({ name }) => some.has(name)) };
  });
}

function locksOf<Connection, Zone extends DnsZone>(
  { zone, records }: Batch<Connection, Zone>,
  { service, endpoint = "" }: ZoneService<Connection, Zone>,
  { lock }: Changes<Connection, Zone>,
): string[] {
  const place = `${service} ${endpoint} ${zone.id}`;
  return lock === "zone" ? [place] : namesOf(records).map((name) => `${place} ${name}`);
}

async function explained<Connection, Zone extends DnsZone>(
  verb: string,
  { zone, records }: Batch<Connection, Zone>,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    const names = namesOf(records);
    const what = names.length === 1 ? "the TXT record of" : "the TXT records of";
    throw new Error(
      `${what} ${enumerate(names)} cannot be ${verb} in ${zone.name}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
