/** nginx's configuration language: words, directives, blocks. Pure. */

/** Lines of text, not yet indented. */
export type Lines = readonly string[];

const INDENT = "    ";

/** `name` with words that are nginx text already. */
export function directive(name: string, ...words: readonly string[]): string {
  return `${[name, ...words].join(" ")};`;
}

/** A block; `parts` are set apart by empty lines. */
export function block(header: string, parts: readonly Lines[]): Lines {
  const body = parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : ["", ...part]));
  return [`${header} {`, ...body.map(indented), "}"];
}

function indented(line: string): string {
  return line === "" || line.startsWith(VERBATIM) ? line : INDENT + line;
}

/* Marks a line that begins inside of a quoted word: white space before it would become part of the word. */
const VERBATIM = "\u0000";

/**
 * The user's own lines.
 *
 * @param quotedNewlines - offsets of newlines that are part of a quoted word.
 */
export function rawLines(text: string | undefined, quotedNewlines: ReadonlySet<number>): Lines {
  const whole = text?.trimEnd() ?? "";
  if (whole === "") return [];
  const lines: string[] = [];
  let start = 0;
  for (const line of whole.split("\n")) {
    const inside = quotedNewlines.has(start - 1);
    lines.push(inside ? VERBATIM + line : line.trim() === "" ? "" : line);
    start += line.length + 1;
  }
  return lines;
}

/** The text of finished lines. */
export function textOf(lines: Lines): string {
  return lines.map((line) => `${line.startsWith(VERBATIM) ? line.slice(1) : line}\n`).join("");
}

/**
 * `value` as one word, quoted where it has to be, so that nginx reads exactly `value`.
 *
 * In quotes, nginx takes a backslash for an escape only before `"`, `'`, `\`, `t`, `r` and `n` (ngx_conf_read_token).
 * A `$` cannot be escaped: whoever calls this decides whether it may stand there.
 */
export function word(value: string): string {
  if (/^[\w./:@+,=~*^!-]+$/.test(value)) return value;
  const quoted = value.replace(/\\(?=[\\"'trn\t\r\n]|$)|"/g, "\\$&");
  return `"${quoted.replaceAll("\t", "\\t").replaceAll("\r", "\\r").replaceAll("\n", "\\n")}"`;
}
