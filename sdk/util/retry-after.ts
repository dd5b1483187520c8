/** The `Retry-After` header. Pure. */

/** The last instant a `Date` can hold. */
const MAX_DATE = 8.64e15;

/**
 * The instant, in epoch milliseconds, that a `Retry-After` header names.
 *
 * Both forms are read: delta-seconds, and an HTTP-date. A date is taken relative to the response's own `Date`
 * header where there is one, because the two clocks may differ. Nonsense and negative numbers count as absent.
 *
 * @see RFC 9110 §10.2.3, Retry-After
 */
export function parseRetryAfter(
  retryAfter: string | null | undefined,
  date: string | null | undefined,
  now: number,
): number | undefined {
  const text = retryAfter?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(MAX_DATE, now + Number(text) * 1000);
  // Date.parse reads far more than the three forms of RFC 9110 §5.6.7; all of those begin with a weekday.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  const sent = date == null ? Number.NaN : Date.parse(date);
  return Math.min(MAX_DATE, Number.isNaN(sent) ? at : now + (at - sent));
}
