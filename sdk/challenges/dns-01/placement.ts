/** Where the records of a presentation go: at the end of CNAMEs, found without harm. */
import { type Authorities, NoZone } from "../../dns/authority";
import { type AskCname, describeWay, endOfWay, follow, type Way } from "../../dns/delegation";
import type { Resolvers } from "../../dns/lookup";
import { mapConcurrent } from "../../util/concurrency";
import { messageOf } from "../../util/errors";

/** By the names that the CA asks for. */
export type Places = ReadonlyMap<string, Way>;

export interface PlacementContext {
  readonly resolvers: Resolvers;
  readonly authorities: Authorities;
  readonly signal: AbortSignal;
}

const AT_ONCE = 16;
const MAX_SHOWN = 3;

/** The names themselves, whatever CNAMEs they have. Nobody is asked. */
export function placesAt(names: readonly string[]): Places {
  return new Map(names.map((name) => [name, { path: [name], known: true }]));
}

/**
 * Where `names` lead according to their name servers. Where those cannot be asked the way ends unknown: a resolver that
 * is asked before the record is there remembers that it is not (RFC 2308), and denies it afterwards.
 *
 * @throws Error with the problems of all names
 * @see cert-manager/cert-manager#5826
 */
export function findPlaces(names: readonly string[], context: PlacementContext): Promise<Places> {
  const ways = names.map((name) => ({ path: [name], known: false }) as const);
  return followEach(ways, context, byNameServers(context));
}

/** {@link findPlaces}, continued with the help of resolvers: for when the records have been added at the unknown ends. */
export function settlePlaces(places: Places, context: PlacementContext): Promise<Places> {
  return followEach([...places.values()], context, byResolvers(context));
}

export function placeOf(name: string, places: Places): string {
  const way = places.get(name);
  return way === undefined ? name : endOfWay(way);
}

export function sameEnds(some: Places, others: Places): boolean {
  return [...some.keys()].every((name) => placeOf(name, some) === placeOf(name, others));
}

/** Whether nothing is left for {@link settlePlaces}. */
export function isSettled(places: Places): boolean {
  return [...places.values()].every(({ known }) => known);
}

/** Which CNAMEs were followed or not, to be put after a message about targets; empty where there is none. */
export function describeCnames(places: Places): string {
  const ways = [...places.values()];
  const followed = ways.filter(({ path }) => path.length > 1).map(describeWay);
  const wildcards = ways.flatMap(({ path, wildcard }) =>
    wildcard === undefined ? [] : [describeWay({ path: [...path, wildcard] })],
  );
  return [
    ...listed(followed, "followCname: false puts it at the name"),
    ...listed(wildcards, "a wildcard's: the record is put at the name, as by followCname: false"),
  ].join("");
}

function listed(ways: readonly string[], remark: string): string[] {
  if (ways.length === 0) return [];
  const more = ways.length > MAX_SHOWN ? ", …" : "";
  return [`; CNAME ${ways.slice(0, MAX_SHOWN).join(", ")}${more} (${remark})`];
}

async function followEach(
  ways: readonly Way[],
  context: PlacementContext,
  first: AskCname,
): Promise<Places> {
  const problems: string[] = [];
  const followed = await mapConcurrent(AT_ONCE, ways, async (way) => {
    try {
      return way.known ? way : await follow(way.path, byNameServers(context), first);
    } catch (error) {
      context.signal.throwIfAborted();
      problems.push(messageOf(error));
      return way;
    }
  });
  if (problems.length === 0) return new Map(followed.map((way) => [way.path[0], way]));
  throw new Error(
    `${problems.join("; ")} (propagation.resolvers asks other resolvers, followCname: false ignores CNAMEs)`,
  );
}

function byNameServers(context: PlacementContext): AskCname {
  return async (name) => {
    try {
      return await context.authorities.ask(name, "CNAME");
    } catch (error) {
      // Without an SOA record nothing can be remembered.
      if (error instanceof NoZone) return byResolvers(context)(name);
      throw unknown(name, messageOf(error));
    }
  };
}

function byResolvers({ resolvers }: PlacementContext): AskCname {
  return async (name) => {
    const found = await resolvers.lookUp(name, "CNAME");
    if (found.kind === "answer") return found.reply;
    throw unknown(name, found.reason);
  };
}

function unknown(name: string, reason: string): Error {
  return new Error(`${name}: whether it is delegated by a CNAME cannot be found out: ${reason}`);
}
