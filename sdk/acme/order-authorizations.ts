/** The authorizations of an order, held against what was ordered. */
import type { AccountCredentials } from "./account";
import { getAuthorization } from "./authorization";
import { wantedIdentifier, type Authorization } from "./authorization-object";
import type { AcmeClient, AcmeRequestOptions } from "./client";
import { getDirectory } from "./directory";
import { refuseEndpoint } from "./directory-object";
import { AcmeProtocolError } from "./errors";
import { keyOf, nameList } from "./identifiers";
import type { Order } from "./order-object";

/**
 * The authorizations that the order lists, each once.
 *
 * @throws {@link AcmeProtocolError} unless they are for the names of the order and for nothing else: who orders chooses
 * what is proven, not the CA
 */
export async function getAuthorizations(
  client: AcmeClient,
  credentials: AccountCredentials,
  order: Order,
  options: AcmeRequestOptions = {},
): Promise<Authorization[]> {
  const urls = [...new Set(order.authorizations)];
  const found = await Promise.all(
    urls.map((url) => getAuthorization(client, credentials, url, options)),
  );
  const directory = await getDirectory(client, options);
  for (const { url, challenges } of found) {
    for (const challenge of challenges) {
      refuseEndpoint(directory, `authorization ${url}`, challenge.url);
    }
  }
  return matchNames(order, found);
}

/** Each authorization with the name of the order that it is for. Pure. */
export function matchNames(
  order: Pick<Order, "url" | "status" | "identifiers">,
  found: readonly Authorization[],
): Authorization[] {
  const open = new Map(order.identifiers.map((identifier) => [keyOf(identifier), identifier]));
  const ordered = new Set(open.keys());
  const foreign: Authorization[] = [];
  const matched = mostCertainFirst(found).flatMap((authorization) => {
    const fitting = meaningsOf(authorization).filter((one) => ordered.has(nameKeyOf(one)));
    const best = fitting.find((one) => open.has(nameKeyOf(one))) ?? fitting[0];
    if (best === undefined) {
      foreign.push(authorization);
      return [];
    }
    open.delete(nameKeyOf(best));
    return [best];
  });
  const broken = (reason: string): AcmeProtocolError =>
    new AcmeProtocolError(
      `acme: order ${order.url} (${nameList(order.identifiers)}): ${reason}`,
      order.url,
    );
  if (foreign.length > 0) {
    const names = nameList(foreign.map(wantedIdentifier));
    throw broken(`the CA wants a proof of ${names}, which was not ordered; nothing was answered`);
  }
  // An order that is ready needs no proof, and some CAs list none.
  if (order.status === "pending" && open.size > 0) {
    throw broken(`the CA lists no authorization for ${nameList([...open.values()])}`);
  }
  return matched;
}

function nameKeyOf(authorization: Authorization): string {
  return keyOf(wantedIdentifier(authorization));
}

/** What it may be for: RFC 8555 §7.1.4 requires the flag `wildcard`, and some CAs leave it out. */
function meaningsOf(authorization: Authorization): Authorization[] {
  return authorization.wildcard
    ? [authorization]
    : [authorization, { ...authorization, wildcard: true }];
}

/** Where a name and its wildcard were ordered, only those that offer nothing but DNS challenges can be the wildcard's. */
function mostCertainFirst(found: readonly Authorization[]): Authorization[] {
  const isOpen = ({ wildcard, challenges }: Authorization): boolean =>
    !wildcard && challenges.every(({ type }) => type.startsWith("dns-"));
  return [...found.filter((one) => !isOpen(one)), ...found.filter(isOpen)];
}
