/** Durations as users write them. */
import ms from "ms";

/** `"36h"`, `"30d"`, `"90s"` in milliseconds; `undefined` for anything that is not a positive duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^\d+(\.\d+)?\s?[a-z]+$/i.test(text.trim())) return undefined;
  const value = ms(text.trim() as ms.StringValue) as number | undefined;
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** Like {@link parseDuration}, but zero is allowed. */
export function parseSpan(text: string): number | undefined {
  const nothing = /^0+(?:\.0+)?(\s?[a-z]+)$/i.exec(text.trim());
  if (nothing === null) return parseDuration(text);
  return parseDuration(`1${nothing[1] ?? ""}`) === undefined ? undefined : 0;
}

/** Like {@link parseSpan}, for text that `check` has accepted. */
export function durationMs(text: string): number {
  const value = parseSpan(text);
  if (value === undefined)
    throw new RangeError(`"${text}" is not a duration such as "36h" or "30d"`);
  return value;
}

/** A span in words: "13 days", "5 hours", "40 seconds". */
export function describeSpan(milliseconds: number): string {
  return ms(Math.max(0, Math.round(milliseconds)), { long: true });
}
