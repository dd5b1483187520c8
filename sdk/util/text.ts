/** Small pure functions on text. */

/** Control characters (ESC among them) and the separators of lines and paragraphs: terminals obey them. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** {@link CONTROLS} without line feeds. */
const CONTROLS_IN_A_LINE = /(?:(?!\n)[\p{Cc}\p{Zl}\p{Zp}])+/gu;

/** Characters of no width, and those that turn the direction of text: what is shown is not what is there. */
const FORMAT = /\p{Cf}/gu;

/** `value` on one line, as {@link printable} shows it, cut to `limit` characters: for text from outside. */
export function singleLine(value: string, limit = 500): string {
  const line = value.replace(CONTROLS, " ").trim();
  return withVisibleFormat(line.length <= limit ? line : `${line.slice(0, limit)}…`);
}

/**
 * `value` as it may be shown on a terminal: a blank for control characters, but line feeds stay, and `<U+202E>` for each
 * character that is not seen.
 */
export function printable(value: string): string {
  return withVisibleFormat(value.replace(CONTROLS_IN_A_LINE, " "));
}

/** Whether `value` is one line, and all of it is seen. */
export function isPrintable(value: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u.test(value);
}

function withVisibleFormat(value: string): string {
  return value.replace(FORMAT, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return `<U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

/** Longer than all words of ours. */
const MAX_WORD = 100;

/** The candidate that is most similar to `word`, if one is similar enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_WORD) return undefined;
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (best === undefined || distance < best.distance) best = { candidate, distance };
  }
  const limit = Math.max(2, Math.floor(word.length / 2));
  return best !== undefined && best.distance <= limit ? best.candidate : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** "a, b and c". */
export function enumerate(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}
