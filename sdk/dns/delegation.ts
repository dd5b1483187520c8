/** Where a name leads: following CNAME and DNAME. @see RFC 1034 §3.6.2, RFC 6672 */
import { isInZone } from "../util/names";
import type { Authorities } from "./authority";
import type { Resolvers } from "./lookup";
import type { DnsReply } from "./message";

/** Resolvers follow about as many. */
const LIMIT = 10;

/**
 * The name at the end of the CNAMEs and DNAMEs that begin at `name`; `name` itself where there is none.
 *
 * @throws Error for a loop, for too many steps, or where DNS does not answer
 */
export async function followDelegation(
  name: string,
  resolvers: Resolvers,
  authorities: Authorities,
): Promise<string> {
  const path = [name];
  for (let current = name; ;) {
    const target = targetOf(current, await cnameOf(name, current, resolvers, authorities));
    if (target === undefined) return current;
    if (path.includes(target)) {
      throw new Error(`${name}: its CNAMEs form a loop: ${[...path, target].join(" → ")}`);
    }
    path.push(target);
    if (path.length > LIMIT + 1) {
      throw new Error(
        `${name}: more than ${String(LIMIT)} CNAMEs follow each other: ${path.join(" → ")}`,
      );
    }
    current = target;
  }
}

async function cnameOf(
  first: string,
  name: string,
  resolvers: Resolvers,
  authorities: Authorities,
): Promise<DnsReply> {
  const reply = await authorities.ask(name, "CNAME");
  if (reply !== undefined) return reply;
  const found = await resolvers.lookUp(name, "CNAME");
  if (found.kind === "answer") return found.reply;
  throw new Error(
    `${first}: whether it is delegated by a CNAME cannot be found out: ${found.reason}`,
  );
}

function targetOf(name: string, { answers }: DnsReply): string | undefined {
  const cname = answers.find((record) => record.type === "CNAME" && record.name === name);
  if (cname !== undefined) return cname.text;
  // Servers send a CNAME along with a DNAME; one that does not leaves the arithmetic to the client.
  const dname = answers.find(
    (record) => record.type === "DNAME" && record.name !== name && isInZone(name, record.name),
  );
  return dname && `${name.slice(0, -dname.name.length)}${dname.text}`;
}
