/** Names of TXT records as some services want them. Pure. */
import { normalizeDnsName } from "../util/names";

/**
 * The part of a record's name before the zone; "@" for the zone itself.
 *
 * @throws Error where the name is not in the zone
 */
export function relativeTo(zone: string, name: string): string {
  const result = normalizeDnsName(zone);
  const apex = "value" in result ? result.value : zone;
  if (name === apex) return "@";
  if (name.endsWith(`.${apex}`)) return name.slice(0, -apex.length - 1);
  throw new Error(
    `${name} is not in the zone ${zone}: for names of several zones, write a function that chooses the zone by the record's name`,
  );
}
