/** What a service says of a configuration that holds a secret. Pure. */

/** Shorter pieces that both have tell nothing. */
const MIN_PIECE = 4;

const SHOWN = "[secret]";

/**
 * `words` with every piece that is also in `text` hidden, in whatever case: a service quotes what it does not understand, and nobody
 * knows which part of a secret text is the secret. What `known` names stays.
 */
export function conceal(words: string, text: string, known: readonly string[]): string {
  const [name, ...others] = known.filter((one) => one !== "");
  if (name !== undefined) {
    const between = words.split(name);
    return between.map((piece) => conceal(piece, text, others)).join(name);
  }
  const [said, hidden] = [lowerCase(words), lowerCase(text)];
  let shown = "";
  for (let at = 0; at < words.length;) {
    const length = commonLength(said, at, hidden);
    const isHidden = length >= MIN_PIECE && !isInWord(words, at, at + length);
    const end = at + (isHidden ? length : 1);
    shown += isHidden ? SHOWN : words.slice(at, end);
    at = end;
  }
  return shown;
}

/** Whether the piece is the middle of a longer word, as "rect" is of "directive": nobody quotes that. */
function isInWord(words: string, start: number, end: number): boolean {
  return start > 0 && end < words.length && /^\w+$/.test(words.slice(start - 1, end + 1));
}

/** How much of `said` from `at` on stands in `hidden`, without blanks at its ends. */
function commonLength(said: string, at: number, hidden: string): number {
  if (/\s/.test(said.charAt(at))) return 0;
  let length = MIN_PIECE;
  while (at + length <= said.length && hidden.includes(said.slice(at, at + length))) length++;
  return said.slice(at, at + length - 1).trimEnd().length;
}

/** Without changing any length. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
