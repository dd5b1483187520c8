/** Which zone a name lies in. */
import { isInZone } from "../util/names";
import type { DnsReply } from "./message";

/** `a.b.c`, `b.c`, `c`. */
export function upwards(name: string): string[] {
  const labels = name.split(".");
  return labels.map((_, index) => labels.slice(index).join("."));
}

/**
 * The zone that holds `name`, found by its SOA record from the name upwards; `undefined` where no server knows.
 *
 * @param askSoa - asks for the SOA of a name; `undefined` where there is no usable answer
 */
export async function findZone(
  name: string,
  askSoa: (name: string) => Promise<DnsReply | undefined>,
): Promise<string | undefined> {
  for (const candidate of upwards(name)) {
    const reply = await askSoa(candidate);
    if (reply === undefined) continue;
    const soaOf = (records: DnsReply["answers"]): string | undefined =>
      records.find((record) => record.type === "SOA" && isInZone(candidate, record.name))?.name;
    if (soaOf(reply.answers) === candidate) return candidate;
    // Behind a CNAME, the authority section speaks of the zone of its target.
    if (reply.answers.some(({ type }) => type === "CNAME")) continue;
    const zone = soaOf(reply.authorities);
    if (zone !== undefined && zone !== "") return zone;
  }
  return undefined;
}
