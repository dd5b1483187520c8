/** Reading the nginx text that users write themselves, as far as it must not spill into ours. Pure. */

/** A statement at the top level of the text: its words, with the quotes that they had. */
export type Statement = readonly string[];

export interface RawText {
  readonly statements: readonly Statement[];
  /** Offsets of newlines that are part of a quoted word. */
  readonly quotedNewlines: ReadonlySet<number>;
}

/** Where a walk over the text stands. */
interface Walk {
  depth: number;
  words: string[];
  readonly statements: Statement[];
  readonly quotedNewlines: Set<number>;
}

/**
 * Splits `text` as nginx's own reader does (ngx_conf_read_token).
 *
 * @returns what was read, or the problem that makes it unfit to be put into a block.
 */
export function readRaw(text: string): RawText | { readonly problem: string } {
  const walk: Walk = { depth: 0, words: [], statements: [], quotedNewlines: new Set() };
  let at = 0;
  while (at < text.length) {
    const next = step(text, at, walk);
    if (typeof next === "string") return { problem: next };
    at = next;
  }
  if (walk.depth > 0) return { problem: "has a { without its }" };
  if (walk.words.length > 0) return { problem: "ends within a directive: a ; is missing" };
  return { statements: walk.statements, quotedNewlines: walk.quotedNewlines };
}

/** Reads one mark, comment or word at `at`: the offset behind it, or a problem. */
function step(text: string, at: number, walk: Walk): number | string {
  const character = text.charAt(at);
  if (/[ \t\r\n]/.test(character)) return at + 1;
  if (character === "#") {
    const end = text.indexOf("\n", at);
    return end === -1 ? text.length : end + 1;
  }
  if (character === ";" || character === "{") {
    if (walk.words.length === 0) return `has a ${character} without a directive before it`;
    const isLua = character === "{" && /_by_lua_block$/.test(walk.words[0] ?? "");
    if (walk.depth === 0) walk.statements.push(walk.words);
    walk.words = [];
    if (isLua) return luaEnd(text, at + 1, walk);
    if (character === "{") walk.depth++;
    return at + 1;
  }
  if (character === "}") {
    if (walk.words.length > 0) return "has a } where a ; is missing";
    if (walk.depth === 0) return "has a } without its {";
    walk.depth--;
    return at + 1;
  }
  const end = character === '"' || character === "'" ? quotedEnd(text, at) : plainEnd(text, at);
  if (end === undefined) return `has a quote (${character}) without its end`;
  for (let offset = at; offset < end; offset++) {
    if (text.charAt(offset) === "\n") walk.quotedNewlines.add(offset);
  }
  walk.words.push(text.slice(at, end));
  return end;
}

/**
 * openresty's blocks of Lua: strings and comments of that language, closed by the brace that balances the first. What has
 * no end reaches to the end of the text, so that nothing is read twice.
 */
function luaEnd(text: string, start: number, walk: Walk): number | string {
  const token =
    /(?:--)?\[(=*)\[(?:[^]*?\]\1\]|[^]*)|--[^\n]*|"(?:\\[^]|[^"\\])*"?|'(?:\\[^]|[^'\\])*'?|[{}]/g;
  token.lastIndex = start;
  let depth = 1;
  let end: number | undefined;
  while (end === undefined) {
    const match = token.exec(text);
    if (match === null) return "has a block of Lua without its }";
    if (match[0] === "{") depth++;
    else if (match[0] === "}" && --depth === 0) end = token.lastIndex;
  }
  for (let at = start; at < end; at++) if (text.charAt(at) === "\n") walk.quotedNewlines.add(at);
  return end;
}

function quotedEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text.charAt(at) === "\\") at++;
    else if (text.charAt(at) === text.charAt(start)) return at + 1;
  }
  return undefined;
}

/** Outside of quotes, `${` does not open a block, and a backslash keeps the next character in the word. */
function plainEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === "\\" || text.startsWith("${", at)) at += 2;
    else if (/[ \t\r\n;{]/.test(character)) break;
    else at++;
  }
  return Math.min(at, text.length);
}

/** {@link readRaw} of text that was checked, or of none. */
export function readOwn(text: string | undefined): RawText {
  const read = readRaw(text ?? "");
  return "problem" in read ? { statements: [], quotedNewlines: new Set() } : read;
}

/** Whether the user wrote the directive `name` (with `argument` as its first word, in any case) himself. */
export function isStated(
  statements: readonly Statement[],
  name: string,
  argument?: string,
): boolean {
  return statements.some(
    ([first, second]) =>
      unquoted(first) === name &&
      (argument === undefined || unquoted(second)?.toLowerCase() === argument.toLowerCase()),
  );
}

function unquoted(word: string | undefined): string | undefined {
  return word?.replace(/^["']|["']$/g, "");
}
