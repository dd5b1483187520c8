/** Order objects. Pure. */
import { singleLine } from "../util/text";
import { AcmeProtocolError } from "./errors";
import { asSet } from "../util/names";
import { keyOf, nameList, sameIdentifiers, toIdentifier, type AcmeIdentifier } from "./identifiers";
import { objects, optionalString, strings } from "../util/json";
import { describeProblem, toProblem, type Problem } from "./problems";
import { handedOutUrl } from "./urls";

export type OrderStatus = "pending" | "ready" | "processing" | "valid" | "invalid";

/** @see RFC 8555 §7.1.3, Order Objects */
export interface Order {
  readonly url: string;
  readonly status: OrderStatus;
  /** In no particular order. */
  readonly identifiers: AcmeIdentifier[];
  /** URLs, in no particular order. */
  readonly authorizations: string[];
  readonly finalize: string;
  /** The certificate's URL, once the order is valid. */
  readonly certificate?: string;
  /** RFC 3339, as the CA wrote it. */
  readonly expires?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Why the order is invalid. */
  readonly error?: Problem;
  /** The profile that the CA took, also where it chose one itself. */
  readonly profile?: string;
  /** The certificate's ARI identifier that the order replaces. */
  readonly replaces?: string;
  /** When to look again, in epoch milliseconds: the `Retry-After` of the answer that showed it. */
  readonly retryAt?: number;
  /** In what finalizing returns: the CA took this very certificate request. */
  readonly tookRequest?: boolean;
}

const STATUSES: readonly string[] = ["pending", "ready", "processing", "valid", "invalid"];

/**
 * @throws {@link AcmeProtocolError} for an unknown status, identifiers that are none, no finalize URL, a URL that is not
 * https, or a pending order without authorizations
 */
export function parseOrder(
  url: string,
  responseUrl: string,
  object: Record<string, unknown>,
): Order {
  const what = `order ${url}`;
  const broken = (reason: string): AcmeProtocolError =>
    new AcmeProtocolError(`acme: ${what}: ${reason}`, url);
  const status = optionalString(object, "status") ?? "";
  if (!STATUSES.includes(status)) throw broken(`unknown status "${singleLine(status, 50)}"`);
  const finalize = optionalString(object, "finalize");
  if (finalize === undefined) throw broken("it has no finalize URL");
  const authorizations = strings(object, "authorizations");
  if (status === "pending" && authorizations.length === 0) {
    throw broken("it is pending, and lists no authorizations");
  }
  const certificate = optionalString(object, "certificate");
  return {
    url,
    status: status as OrderStatus,
    identifiers: objects(object, "identifiers").map((identifier) => {
      const known = toIdentifier(identifier);
      if (known !== undefined) return known;
      throw broken("one of its identifiers is neither a DNS name nor an IP address");
    }),
    authorizations: authorizations.map((authorization) =>
      handedOutUrl(what, authorization, responseUrl),
    ),
    finalize: handedOutUrl(what, finalize, responseUrl),
    certificate:
      certificate === undefined ? undefined : handedOutUrl(what, certificate, responseUrl),
    expires: optionalString(object, "expires"),
    notBefore: optionalString(object, "notBefore"),
    notAfter: optionalString(object, "notAfter"),
    profile: optionalString(object, "profile"),
    replaces: optionalString(object, "replaces"),
    error: toProblem(object["error"]),
  };
}

/** `"order https://… (a.example) is invalid: …"`. */
export function describeOrder(order: Order): string {
  const error = order.error === undefined ? "" : `: ${describeProblem(order.error)}`;
  return `order ${order.url} (${nameList(order.identifiers)}) is ${order.status}${error}`;
}

/** Refuses an order for other names than the ones asked for. */
export function requireIdentifiers(
  what: string,
  order: Order,
  expected: readonly AcmeIdentifier[],
): void {
  if (sameIdentifiers(order.identifiers, expected)) return;
  const known = new Set(expected.map(keyOf));
  const other = order.identifiers.filter((identifier) => !known.has(keyOf(identifier)));
  const difference =
    other.length > 0 ? `it has ${nameList(other)} besides` : "it lacks some of the names";
  throw new AcmeProtocolError(
    `acme: ${what}: the CA's order is for other names: ${difference}`,
    order.url,
  );
}

/**
 * Refuses another look at an order that shows other names than the first one, or, while there is something to prove or
 * to finalize, other authorizations.
 *
 * @see RFC 8555 §7.1.3: "The elements of the 'authorizations' and 'identifiers' arrays are immutable once set."
 */
export function requireUnchanged(order: Order, former: Order): void {
  requireIdentifiers(`order ${former.url}`, order, former.identifiers);
  const urls = ({ authorizations }: Order): string => asSet(authorizations).join("\n");
  // §7.1.3: an order that is final lists "the authorizations that were completed".
  const isOpen = order.status === "pending" || order.status === "ready";
  if (!isOpen || urls(order) === urls(former)) return;
  throw new AcmeProtocolError(
    `acme: order ${former.url} (${nameList(former.identifiers)}): the CA has changed its authorizations, which RFC 8555 §7.1.3 forbids`,
    former.url,
  );
}
