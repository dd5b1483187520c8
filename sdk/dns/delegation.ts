/** Where a name leads: following CNAME and DNAME. @see RFC 1034 §3.6.2, RFC 6672 */
import { randomBytes } from "node:crypto";

import { MAX_CNAMES, targetOf } from "./chain";
import type { DnsReply } from "./message";
import { upwards } from "./zone";

const MAX_NAME_LENGTH = 253;

/** Where a record for a name belongs. */
export interface Way {
  /** Begins with the name itself; each is the target of the one before. */
  readonly path: readonly [string, ...string[]];
  /** Whether the last name is known to have no CNAME. */
  readonly known: boolean;
  /** Where a wildcard CNAME leads as long as the last name has no record. */
  readonly wildcard?: string;
}

/** Asks for the CNAME of a name; `undefined` where nobody can be asked. */
export type AskCname = (name: string) => Promise<DnsReply | undefined>;

/** `_acme-challenge.a.example → a.acme.example`. */
export function describeWay({ path }: Pick<Way, "path">): string {
  return path.join(" → ");
}

export function endOfWay({ path }: Way): string {
  return path[path.length - 1] ?? path[0];
}

/**
 * Goes on from the last name of `path`, as far as that can be found out.
 *
 * @param first - asks for the last name of `path`; default: like the names after it
 * @throws Error for a loop, or for too many steps
 */
export async function follow(path: Way["path"], ask: AskCname, first = ask): Promise<Way> {
  const [start] = path;
  for (let way: Way = { path, known: false }, by = first; ; by = ask) {
    const name = endOfWay(way);
    const reply = await by(name);
    if (reply === undefined) return way;
    const target = targetOf(name, reply);
    if (target === undefined) return { ...way, known: true };
    if (await isWildcard(name, target, by)) return { ...way, known: true, wildcard: target };
    const longer: Way["path"] = [...way.path, target];
    if (way.path.includes(target)) {
      throw new Error(`${start}: its CNAMEs form a loop: ${longer.join(" → ")}`);
    }
    if (longer.length > MAX_CNAMES + 1) {
      throw new Error(
        `${start}: more than ${String(MAX_CNAMES)} CNAMEs follow each other: ${longer.join(" → ")}`,
      );
    }
    way = { path: longer, known: false };
  }
}

/**
 * Whether a CNAME is made up from `*.<parent>`: then a sibling that nobody has created leads to the same place. It
 * stands for the name only as long as the name has no record of its own, so it is no delegation (RFC 4592 §2.2).
 *
 * @see go-acme/lego#1816
 */
async function isWildcard(name: string, target: string, ask: AskCname): Promise<boolean> {
  const [, parent] = upwards(name);
  const sibling = `_acme-challenge-${randomBytes(8).toString("hex")}.${parent ?? ""}`;
  if (parent === undefined || sibling.length > MAX_NAME_LENGTH) return false;
  const reply = await ask(sibling);
  return reply !== undefined && targetOf(sibling, reply) === target;
}
