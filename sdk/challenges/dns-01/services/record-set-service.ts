/** DNS services in which all values under a name are one record set that is written as a whole. */
import type { DnsProvider, DnsRecord } from "../provider";
import { Refusal } from "../../../http/rest-service";
import { type Batch, namesOf, noted, providerFor } from "./changes";
import { quoted, unquoted } from "./txt";
import type { DnsZone, ZoneService } from "./zones";

export interface RecordSet {
  readonly name: string;
  /** Contents of TXT records as in a zone file, in quotation marks. */
  readonly contents: readonly string[];
  /** Seconds. */
  readonly ttl: number;
}

export interface RecordSetService<Connection, Zone extends DnsZone = DnsZone> extends ZoneService<
  Connection,
  Zone
> {
  /** The least that the service takes in this zone, in seconds. */
  readonly minTtl?: (zone: Zone) => number;
  /** How many sets one call of `write` takes. Default: 1. */
  readonly namesAtOnce?: number;
  /** Where a service changes one thing in a zone at a time. Default: one under each name. */
  readonly lock?: "zone";
  /** The TXT record set of the name; `undefined` where there is none. */
  read(connection: Connection, zone: Zone, name: string): Promise<RecordSet | undefined>;
  /** Those of all `names` that have one, where one call shows them; `undefined` where it does not. */
  readAll?(
    connection: Connection,
    zone: Zone,
    names: readonly string[],
  ): Promise<readonly RecordSet[] | undefined>;
  /** Writes all `sets` or none; one without contents is removed. */
  write(connection: Connection, zone: Zone, sets: readonly RecordSet[]): Promise<unknown>;
  /** Where a service has to be told to publish a zone, after its records were changed. */
  publish?(connection: Connection, zone: Zone): Promise<unknown>;
  /** Whether `write` was refused because somebody has changed a set since it was read. */
  isOvertaken?(refusal: Refusal): boolean;
}

const MAX_TRIES = 5;

/** Puts values beside those that are there, and takes out its own. */
export function recordSetProvider<Connection, Zone extends DnsZone = DnsZone>(
  service: RecordSetService<Connection, Zone>,
): DnsProvider {
  type OfService = Batch<Connection, Zone>;
  const changed = async (
    { connection, zone, records }: OfService,
    change: (set: RecordSet | undefined, own: readonly DnsRecord[]) => RecordSet | undefined,
  ): Promise<RecordSet[]> => {
    const names = namesOf(records);
    const several = names.length > 1 ? await service.readAll?.(connection, zone, names) : undefined;
    const sets: RecordSet[] = [];
    for (const name of names) {
      const own = records.filter((record) => record.name === name);
      const before =
        several === undefined
          ? await service.read(connection, zone, name)
          : several.find((set) => set.name === name);
      const set = change(before, own);
      if (set !== undefined) sets.push(set);
    }
    return sets;
  };
  return providerFor(service, {
    namesAtOnce: service.namesAtOnce,
    lock: service.lock,
    add: async (batch, context) => {
      const { connection, zone } = batch;
      // Also round the repetition: what overtook a write may be the same write, whose answer was lost.
      await noted(batch.records, context, () =>
        unlessOvertaken(service, async () => {
          const minTtl = service.minTtl?.(zone) ?? 1;
          const sets = await changed(batch, (set, own) => withValues(set, own, minTtl));
          if (sets.length > 0) await service.write(connection, zone, sets);
        }),
      );
      // Also what was left over: the run may have been killed before it was published.
      await service.publish?.(connection, zone);
    },
    remove: (batch) => {
      const { connection, zone } = batch;
      return unlessOvertaken(service, async () => {
        const sets = await changed(batch, withoutValues);
        if (sets.length === 0) return;
        await service.write(connection, zone, sets);
        await service.publish?.(connection, zone);
      });
    },
  });
}

/** Does `work`, and all of it again where others have written at the same time. */
async function unlessOvertaken<Connection, Zone extends DnsZone>(
  service: RecordSetService<Connection, Zone>,
  work: () => Promise<void>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      const isOver = tries === MAX_TRIES || !(error instanceof Refusal);
      if (isOver || service.isOvertaken?.(error) !== true) throw error;
    }
  }
}

/** The set with the values of `own` besides what it has; `undefined` when all are there. */
function withValues(
  set: RecordSet | undefined,
  own: readonly DnsRecord[],
  minTtl: number,
): RecordSet | undefined {
  const { contents = [], ttl = 0 } = set ?? {};
  const there = new Set(contents.map(unquoted));
  const added = own.filter(({ value }) => !there.has(value));
  const [first] = added;
  if (first === undefined) return undefined;
  return {
    name: first.name,
    contents: [...contents, ...added.map(({ value }) => quoted(value))],
    // The set of others keeps its own.
    ttl: set === undefined ? Math.max(minTtl, first.ttl) : ttl,
  };
}

/** The set without the values of `own`; `undefined` when none of them is there. */
function withoutValues(
  set: RecordSet | undefined,
  own: readonly DnsRecord[],
): RecordSet | undefined {
  if (set === undefined) return undefined;
  const values = new Set(own.map(({ value }) => value));
  const contents = set.contents.filter((content) => !values.has(unquoted(content)));
  return contents.length === set.contents.length ? undefined : { ...set, contents };
}
