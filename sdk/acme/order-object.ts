/** What a CA tells of an order. Pure. */
import { singleLine } from "../util/text";
import { AcmeProtocolError } from "./errors";
import { keyOf, nameList, sameIdentifiers, type AcmeIdentifier } from "./identifiers";
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
  /** What went wrong, in an invalid order. */
  readonly error?: Problem;
  /** The profile that the CA took, also where it chose one itself. */
  readonly profile?: string;
  /** The certificate's ARI identifier that the order replaces. */
  readonly replaces?: string;
}

const STATUSES: readonly string[] = ["pending", "ready", "processing", "valid", "invalid"];

/** @throws {@link AcmeProtocolError} for an unknown status, no finalize URL, or a URL that is not https */
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
  const certificate = optionalString(object, "certificate");
  const error = toProblem(object["error"]);
  const text = <Name extends string>(name: Name): { [key in Name]?: string } => {
    const value = optionalString(object, name);
    return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: string };
  };
  return {
    url,
    status: status as OrderStatus,
    identifiers: objects(object, "identifiers").flatMap(toIdentifier),
    authorizations: strings(object, "authorizations").map((authorization) =>
      handedOutUrl(what, authorization, responseUrl),
    ),
    finalize: handedOutUrl(what, finalize, responseUrl),
    ...(certificate === undefined
      ? {}
      : { certificate: handedOutUrl(what, certificate, responseUrl) }),
    ...text("expires"),
    ...text("notBefore"),
    ...text("notAfter"),
    ...text("profile"),
    ...text("replaces"),
    ...(error === undefined ? {} : { error }),
  };
}

function toIdentifier(object: Record<string, unknown>): AcmeIdentifier[] {
  const value = optionalString(object, "value");
  const type = object["type"];
  return value !== undefined && (type === "dns" || type === "ip") ? [{ type, value }] : [];
}

/** `"order https://… (a.example) is invalid: …"`. */
export function describeOrder(order: Order): string {
  const error = order.error === undefined ? "" : `: ${describeProblem(order.error)}`;
  return `order ${order.url} (${nameList(order.identifiers)}) is ${order.status}${error}`;
}

/** An order for other names than the ones asked for is nobody's. */
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
    `acme: ${what}: the CA made an order for other names: ${difference}`,
    order.url,
  );
}
