/** The last instant that RFC 3339 can write. */
const MAX_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59);

/** RFC 3339 in UTC, to the second. A time that is none counts as 1970, and one that is too late as the end of 9999. */
export function instant(time: number | Date): string {
  const at = Math.min(MAX_INSTANT, Math.max(0, Number(time))) || 0;
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
}
