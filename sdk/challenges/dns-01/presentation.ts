/** Adding records where they belong, and waiting until the CA can see them. */
import { authoritiesBy } from "../../dns/authority";
import { resolversAt } from "../../dns/lookup";
import { messageOf } from "../../util/errors";
import type { Presentation } from "../solver";
import { AddedRecords } from "./added-records";
import {
  describeCnames,
  findPlaces,
  isSettled,
  type PlacementContext,
  placeOf,
  type Places,
  placesAt,
  sameEnds,
  settlePlaces,
} from "./placement";
import {
  type Propagation,
  type PropagationContext,
  waitDelay,
  waitForPropagation,
} from "./propagation";
import type { DnsProvider, DnsRecord } from "./provider";

export interface RecordsToPresent {
  readonly challengeType: string;
  readonly providers: readonly DnsProvider[];
  /** By the names that the CA asks for. */
  readonly records: readonly DnsRecord[];
  readonly followCname: boolean;
  readonly propagation: Propagation;
}

/** @throws Error after everything was undone */
export async function presentRecords(
  wanted: RecordsToPresent,
  context: PropagationContext,
): Promise<Presentation> {
  const { records, propagation, followCname } = wanted;
  const lookups = lookupsFor(propagation, context);
  const names = [...new Set(records.map(({ name }) => name))];
  let places = followCname ? await findPlaces(names, lookups) : placesAt(names);
  for (;;) {
    const added = addedAt(places, wanted, context);
    try {
      const settled = await addAndSettle(added, places, propagation, lookups, context);
      if (sameEnds(places, settled)) {
        const visible = records.map((record) => ({ ...record, way: settled.get(record.name) }));
        const waited = isSettled(places) ? propagation : { ...propagation, delay: undefined };
        await waitForPropagation(visible, waited, context);
        return added;
      }
      context.progress("moves the TXT records to where CNAMEs lead");
      await added.cleanUp();
      places = settled;
    } catch (error) {
      await added.cleanUp().catch((remains: unknown) => {
        context.warn(messageOf(remains));
      });
      context.signal.throwIfAborted();
      throw new Error(`${messageOf(error)}${describeCnames(places)}`, { cause: error });
    }
  }
}

/**
 * Adds the records. Where name servers cannot be asked, it is only then that resolvers are.
 *
 * @returns where the records belong
 * @throws what adding them threw, unless they belong elsewhere
 */
async function addAndSettle(
  added: AddedRecords,
  places: Places,
  propagation: Propagation,
  lookups: PlacementContext,
  context: PropagationContext,
): Promise<Places> {
  if (isSettled(places)) {
    await added.add();
    return places;
  }
  const [adding] = await Promise.allSettled([added.add()]);
  context.signal.throwIfAborted();
  if (adding.status === "fulfilled") await waitDelay(propagation, context);
  const settled = await settlePlaces(places, lookups);
  if (adding.status === "rejected" && sameEnds(places, settled)) throw adding.reason;
  return settled;
}

function addedAt(
  places: Places,
  { challengeType, providers, records, followCname }: RecordsToPresent,
  context: PropagationContext,
): AddedRecords {
  const placed = records.map((record) => ({ ...record, name: placeOf(record.name, places) }));
  const remark = describeCnames(places);
  return new AddedRecords(challengeType, providers, placed, context, followCname, remark);
}

function lookupsFor(
  { resolvers }: Propagation,
  { signal, port }: PropagationContext,
): PlacementContext {
  const ask = resolversAt(resolvers, signal);
  return { resolvers: ask, authorities: authoritiesBy(ask, signal, port), signal };
}
