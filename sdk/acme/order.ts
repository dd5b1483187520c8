/** Orders: from names to a certificate's URL. */
import type { AccountCredentials } from "./account";
import { accountHint } from "./account-object";
import { getDirectory } from "./directory";
import { retryAtOf, type Answer } from "./answer";
import { AcmeProtocolError } from "./errors";
import { nameList, type AcmeIdentifier } from "./identifiers";
import {
  describeOrder,
  parseOrder,
  requireIdentifiers,
  requireUnchanged,
  type Order,
} from "./order-object";
import { poll, type Look } from "./poll";
import { AcmeProblemError, hasProblemType } from "./problems";
import { delayAsTold, jsonObjectOf, post, postToEndpoint } from "./request";
import { isAmbiguous, isRateLimit } from "./retry";
import { internals, type AcmeClient, type AcmeRequestOptions } from "./client";
import { handedOutUrl } from "./urls";

const MAX_INCOMPLETE = 3;

export interface NewOrderRequest {
  readonly identifiers: readonly AcmeIdentifier[];
  readonly profile?: string;
  /** The predecessor's {@link certId}; left out where the CA has no renewal information. */
  readonly replaces?: string;
  /** RFC 3339; many CAs refuse it. */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

/**
 * Orders a certificate. The answer may be an order that exists already, in any state.
 *
 * `replaces` is optional: if the CA refuses the order and that may be the reason, the order is sent again without it.
 *
 * @throws {@link AcmeProblemError} whose subproblems say which names the CA refuses
 * @see RFC 8555 §7.4, Applying for Certificate Issuance
 */
export async function newOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: NewOrderRequest,
  options: AcmeRequestOptions = {},
): Promise<Order> {
  const { renewalInfo } = await getDirectory(client, options);
  const { replaces, ...plain } = request;
  if (replaces === undefined || renewalInfo === undefined) {
    return await sendOrder(client, credentials, plain, options);
  }
  try {
    return await sendOrder(client, credentials, request, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!mayBeForReplaces(error)) throw error;
    await delayAsTold(client, error, options);
    return await sendOrder(client, credentials, plain, options);
  }
}

/** RFC 9773 §5 names 409 `alreadyReplaced`; some CAs answer 404, 500, `malformed` or `unauthorized` instead. */
function mayBeForReplaces(error: unknown): boolean {
  return (
    error instanceof AcmeProblemError &&
    !isRateLimit(error) &&
    error.status !== 503 &&
    !hasProblemType(
      error,
      "badNonce",
      "userActionRequired",
      "accountDoesNotExist",
      "rejectedIdentifier",
    )
  );
}

async function sendOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: NewOrderRequest,
  options: AcmeRequestOptions,
): Promise<Order> {
  const what = `order for ${nameList(request.identifiers)}`;
  // After a 500 to an order with `replaces`, the next try is one without it, not a repetition.
  const repetition = request.replaces === undefined ? "repeatable" : "when-refused";
  const { identifiers, profile, replaces, notBefore, notAfter } = request;
  const payload = {
    identifiers: identifiers.map(({ type, value }) => ({ type, value })),
    profile,
    replaces,
    notBefore,
    notAfter,
  };
  const { answer, object } = await jsonObjectOf(
    what,
    () =>
      postToEndpoint(
        client,
        "newOrder",
        { what, signer: credentials, repetition, hint: accountHint, payload: () => payload },
        options,
      ),
    repetition,
  );
  const location = answer.headers.get("location");
  if (location === null || location === "") {
    throw new AcmeProtocolError(
      `acme: ${what}: the CA did not name the order (no Location header)`,
      answer.url,
    );
  }
  const order = parseOrder(handedOutUrl(what, location, answer.url), answer.url, object);
  requireIdentifiers(what, order, request.identifiers);
  return order;
}

/** @throws {@link AcmeProblemError} with status 404 if the CA does not have it any more */
export async function getOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  url: string,
  options: AcmeRequestOptions = {},
): Promise<Order> {
  const what = `order ${url}`;
  const { answer, object } = await jsonObjectOf(what, () =>
    post(client, { what, url, signer: credentials, hint: accountHint }, options),
  );
  return readOrder(client, url, answer, object);
}

/** Another look at an order. @throws {@link AcmeProtocolError} if its names or authorizations have changed */
export async function lookAgain(
  client: AcmeClient,
  credentials: AccountCredentials,
  former: Order,
  options: AcmeRequestOptions = {},
): Promise<Order> {
  const order = await getOrder(client, credentials, former.url, options);
  requireUnchanged(order, former);
  return order;
}

/** The order in an answer. */
function readOrder(
  client: AcmeClient,
  url: string,
  answer: Answer,
  object: Record<string, unknown>,
): Order {
  const retryAt = retryAtOf(answer, client[internals].now());
  return { ...parseOrder(url, answer.url, object), retryAt };
}

/**
 * Sends the certificate request of an order that is `ready`.
 *
 * @param csrDer - PKCS#10 in DER
 * @returns the order, `processing` or `valid`: also if another process finalized it, or if it was finalized although
 * the answer was lost
 * @throws {@link AcmeProblemError} `badCSR`: the order stays ready; `orderNotReady`: it is not
 * @see RFC 8555 §7.4: "If a request to finalize an order is successful, the server will return a 200"
 */
export async function finalizeOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  order: Order,
  csrDer: Uint8Array,
  options: AcmeRequestOptions = {},
): Promise<Order> {
  const what = `finalizing the order for ${nameList(order.identifiers)}`;
  const payload = { csr: Buffer.from(csrDer).toString("base64url") };
  const finalize = async (): Promise<Order> => {
    const { answer, object } = await jsonObjectOf(
      what,
      () =>
        post(
          client,
          { what, url: order.finalize, signer: credentials, payload, repetition: "when-refused" },
          options,
        ),
      "when-refused",
    );
    // Not every CA repeats the order's URL here.
    const finalized = readOrder(client, order.url, answer, object);
    requireUnchanged(finalized, order);
    return { ...finalized, tookRequest: true };
  };
  try {
    return await finalize();
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!mayHaveBeenFinalized(error)) throw error;
    await delayAsTold(client, error, options);
    const current = await lookAgain(client, credentials, order, options);
    if (current.status === "processing" || current.status === "valid") return current;
    if (current.status !== "ready" || !isAmbiguous(error)) throw error;
    return await finalize();
  }
}

/** After no answer, a broken one, or `orderNotReady`: the order may be finalized already. */
function mayHaveBeenFinalized(error: unknown): boolean {
  return (
    isAmbiguous(error) ||
    error instanceof AcmeProtocolError ||
    hasProblemType(error, "orderNotReady")
  );
}

/**
 * Polls the order until `until` holds or it is `invalid`, and returns it. A `valid` order without its certificate's URL
 * is fetched a few times more.
 *
 * @throws {@link AcmeProtocolError} if the URL does not appear, or if the order's names or authorizations change
 */
export async function pollOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  former: Order,
  until: (order: Order) => boolean,
  options: AcmeRequestOptions = {},
): Promise<Order> {
  const { url } = former;
  let withoutCertificate = 0;
  const look = async (): Promise<Look<Order>> => {
    const order = await lookAgain(client, credentials, former, options);
    const incomplete = order.status === "valid" && order.certificate === undefined;
    if (incomplete && ++withoutCertificate > MAX_INCOMPLETE) {
      throw new AcmeProtocolError(
        `acme: order ${url}: it is valid, but has no certificate URL`,
        url,
      );
    }
    const done = order.status === "invalid" || (!incomplete && until(order));
    return { value: order, done, retryAt: order.retryAt };
  };
  // Without a delay: a CA that issues at once has done so since the answer to finalize.
  const { retryAt } = former;
  return await poll(client, look, describeOrder, options, { firstLookMs: 0, retryAt });
}
