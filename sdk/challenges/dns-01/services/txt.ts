/** Texts and names as DNS services write them. Pure. */

/** A text of an ACME challenge as in a zone file: it has neither quotation marks nor backslashes in it. RFC 1035 §5.1. */
export function quoted(value: string): string {
  return `"${value}"`;
}

export function unquoted(content: string): string {
  return content.replace(/^"(.*)"$/, "$1");
}

/** `name` relative to its zone; the empty text for the zone itself. */
export function relativeTo(zone: string, name: string): string {
  return name === zone ? "" : name.slice(0, -zone.length - 1);
}

/** `name` relative to its zone; "@" for the zone itself. */
export function relativeOrApex(zone: string, name: string): string {
  return relativeTo(zone, name) || "@";
}

export function withoutTrailingDot(name: string): string {
  return name.replace(/\.$/, "");
}
