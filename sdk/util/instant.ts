/** RFC 3339 in UTC, to the second. */
export function instant(time: number | Date): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, "Z");
}
