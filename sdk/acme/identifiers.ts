/** The identifiers of orders and authorizations: DNS names and IP addresses. Pure. */
import { optionalString } from "../util/json";
import { canonicalAddress } from "../util/names";
import { singleLine } from "../util/text";

const MAX_SHOWN = 3;

/**
 * A name or an address, as it stands in orders and authorizations.
 *
 * @see RFC 8555 §9.7.7, Identifier Types; RFC 8738 for `ip`
 */
export type AcmeIdentifier = { readonly type: "dns" | "ip"; readonly value: string };

/** Whether both hold the same identifiers, in any order and any case. */
export function sameIdentifiers(
  a: readonly AcmeIdentifier[],
  b: readonly AcmeIdentifier[],
): boolean {
  const keys = (list: readonly AcmeIdentifier[]): string =>
    [...new Set(list.map(keyOf))].sort().join("\n");
  return keys(a) === keys(b);
}

/** For messages: `"a.example, b.example and 3 more"`. */
export function nameList(identifiers: readonly AcmeIdentifier[]): string {
  const names = identifiers.map((identifier) => singleLine(identifier.value, 253));
  const shown = names.slice(0, MAX_SHOWN).join(", ");
  return names.length > MAX_SHOWN ? `${shown} and ${String(names.length - MAX_SHOWN)} more` : shown;
}

/** Equal for equal identifiers. */
export function keyOf({ type, value }: AcmeIdentifier): string {
  return `${type}:${canonicalAddress(value.toLowerCase())}`;
}

/** What a CA sent, if it is an identifier of a type that there is. */
export function toIdentifier(object: Record<string, unknown>): AcmeIdentifier | undefined {
  const value = optionalString(object, "value");
  const { type } = object;
  return value !== undefined && (type === "dns" || type === "ip") ? { type, value } : undefined;
}
