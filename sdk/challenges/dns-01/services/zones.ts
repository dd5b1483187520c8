/** The zones of DNS services, remembered for all certificates of this process. */
import { domainToASCII } from "node:url";

import { upwards } from "../../../dns/zone";
import { ConfigurationError, messageOf } from "../../../util/errors";
import { isInZone } from "../../../util/names";
import { sha256Of } from "../../../util/sha256";
import { enumerate } from "../../../util/text";
import type { DnsProviderContext } from "../provider";
import { Remembered } from "../remembered";

export interface DnsZone {
  /** The service's own. */
  readonly id: string;
  /** The domain, for messages and for names relative to it. */
  readonly name: string;
}

/** A DNS service whose zones are found by their names. */
export interface ZoneService<Connection, Zone extends DnsZone = DnsZone> {
  /** For messages: "DigitalOcean". */
  readonly service: string;
  /** Its URL: two zones of one id there are one zone, whoever asks. */
  readonly endpoint?: string;
  /** What tells accounts apart; only its digest is kept. */
  readonly account: readonly unknown[];
  /** Given by the user: the name of a zone, or the zone itself. */
  readonly zone?: string | Zone;
  /** What to do where no zone is found: "give the token access to the domain, or give zone". */
  readonly advice: string;
  connect<T>(context: DnsProviderContext, work: (connection: Connection) => Promise<T>): Promise<T>;
  /** All zones with exactly this name that are seen with these credentials and that a CA can see. */
  zonesNamed?(connection: Connection, domain: string): Promise<readonly Zone[]>;
  /** In its place: all zones, where one call shows them. */
  allZones?(connection: Connection): Promise<readonly Zone[]>;
}

const known = new Remembered<readonly DnsZone[]>("DNS zone");

/**
 * The zone that holds `name`, found from the name upwards.
 *
 * @throws Error where there is none, {@link ConfigurationError} where there are several
 */
export async function zoneOf<Connection, Zone extends DnsZone>(
  name: string,
  service: ZoneService<Connection, Zone>,
  connection: Connection,
  signal: AbortSignal,
): Promise<Zone> {
  const { zone: given } = service;
  if (given !== undefined && typeof given !== "string") return given;
  const candidates = candidatesFor(name, given);
  const key = sha256Of(JSON.stringify([service.service, service.account]));
  const began = performance.now();
  // What was not there before may have been made meanwhile.
  for (const since of [undefined, began]) {
    for (const domain of candidates) {
      const ask = (): Promise<readonly Zone[]> => lookUp(domain, service, connection, signal);
      const question = service.allZones === undefined ? `${key} ${domain}` : key;
      const seen = await known.get(question, signal, ask, since);
      const zones = seen.filter((zone) => zone.name === domain);
      if (zones.length > 1) throw ambiguous(domain, zones, service);
      if (zones[0] !== undefined) return zones[0] as Zone;
    }
  }
  throw new Error(
    `no zone for ${name} is visible at ${service.service} with these credentials (looked for ${enumerate(candidates)}): ${service.advice}`,
  );
}

function candidatesFor(name: string, given: string | undefined): string[] {
  if (given === undefined) {
    // Not the name itself, which is below _acme-challenge or at the end of a CNAME, nor a top-level domain.
    return upwards(name).filter((domain) => domain.includes(".") && !domain.startsWith("_"));
  }
  const zone = domainToASCII(given.replace(/\.$/, ""));
  if (isInZone(name, zone)) return [zone];
  throw new ConfigurationError(`${name} is not in the zone ${zone} that is given`);
}

async function lookUp<Connection, Zone extends DnsZone>(
  domain: string,
  service: ZoneService<Connection, Zone>,
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly Zone[]> {
  try {
    const zones = service.allZones?.(connection) ?? service.zonesNamed?.(connection, domain);
    return (await zones) ?? [];
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`zone ${domain} cannot be looked up: ${messageOf(error)}`, { cause: error });
  }
}

function ambiguous<Connection, Zone extends DnsZone>(
  domain: string,
  zones: readonly DnsZone[],
  { service, advice }: ZoneService<Connection, Zone>,
): Error {
  const ids = enumerate(zones.map(({ id }) => id));
  return new ConfigurationError(`${service} has several zones ${domain} (${ids}); ${advice}`);
}
