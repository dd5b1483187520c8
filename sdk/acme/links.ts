/** The `Link` header. Pure. */

const LINK = /<([^<>]*)>((?:\s*;\s*[^\s=;,"<]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"<]*))?)*)/g;
const PARAMETER = /;\s*([^\s=;,"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))/g;

/**
 * The targets of all links of one relation, in order, as they are written (they may be relative).
 *
 * Several headers arrive joined by commas; a target may hold commas itself; a `rel` may be quoted or not, and name
 * several relations.
 *
 * @see RFC 8288 §3, Link Serialisation in HTTP Headers
 */
export function linkTargets(header: string | null, relation: string): string[] {
  const targets: string[] = [];
  for (const [, target = "", parameters = ""] of (header ?? "").matchAll(LINK)) {
    if (relationsOf(parameters).includes(relation)) targets.push(target.trim());
  }
  return targets;
}

/** RFC 8288 §3.3: "The rel parameter … MUST NOT appear more than once …; occurrences after the first MUST be ignored". */
function relationsOf(parameters: string): string[] {
  for (const [, name = "", quoted, plain] of parameters.matchAll(PARAMETER)) {
    if (name.toLowerCase() === "rel") return (quoted ?? plain ?? "").toLowerCase().split(/\s+/);
  }
  return [];
}
