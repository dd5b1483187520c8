/** Reading JSON from outside: null and members of a wrong type count as absent. Pure. */

/** The value, or `undefined` if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the value is a JSON object: neither `null` nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is a JSON object. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined;
}

export function optionalString(
  object: Readonly<Record<string, unknown>>,
  member: string,
): string | undefined {
  const value = object[member];
  return typeof value === "string" ? value : undefined;
}

/** The strings of an array; none if it is not an array. */
export function strings(object: Readonly<Record<string, unknown>>, member: string): string[] {
  const value = object[member];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The objects of an array; none if it is not an array. */
export function objects(
  object: Readonly<Record<string, unknown>>,
  member: string,
): Record<string, unknown>[] {
  const value = object[member];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
