/** The `Link` header. Pure. */

/** As much as Node.js takes of all headers together. */
const MAX_HEADER = 16 * 1024;

/** A target, a quoted text, a separator or a word. A quoted text that does not end ends with the header. */
const TOKEN = /<[^<>]*>|"(?:[^"\\]|\\[^])*(?:"|\\?$)|[;,=]|[^\s;,="<]+/g;

/**
 * The targets of all links of one relation, in order, as they are written (they may be relative).
 *
 * Several headers arrive joined by commas; a target may hold commas itself; a `rel` may be quoted or not, and name
 * several relations.
 *
 * @see RFC 8288 §3, Link Serialisation in HTTP Headers
 */
export function linkTargets(header: string | null, relation: string): string[] {
  return linksOf(header ?? "").flatMap(({ target, relations }) =>
    relations?.includes(relation) === true ? [target] : [],
  );
}

interface Link {
  readonly target: string;
  relations?: readonly string[];
}

/** RFC 8288 §3.3: "The rel parameter … MUST NOT appear more than once …; occurrences after the first MUST be ignored". */
function linksOf(header: string): Link[] {
  const tokens = [...header.slice(0, MAX_HEADER).matchAll(TOKEN)].map(([token]) => token);
  const links: Link[] = [];
  let link: Link | undefined;
  tokens.forEach((token, index) => {
    if (token.startsWith("<")) {
      link = { target: token.slice(1, -1).trim() };
      links.push(link);
    } else if (token === ",") {
      link = undefined;
    } else if (token.toLowerCase() === "rel" && tokens[index - 1] === ";") {
      if (tokens[index + 1] === "=" && link !== undefined) {
        link.relations ??= relationsIn(tokens[index + 2] ?? "");
      }
    }
  });
  return links;
}

function relationsIn(value: string): string[] {
  return value.replaceAll('"', "").toLowerCase().split(/\s+/);
}
