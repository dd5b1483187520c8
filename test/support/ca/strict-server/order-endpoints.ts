/** newOrder, order, finalize. */
import { createPublicKey } from "node:crypto";
import { requireOwn } from "./account-endpoints";
import { authorizationFor, retryAfter } from "./authorization-endpoints";
import { readCertificateRequest, type Identifier } from "./issuer";
import { thumbprint } from "./jws";
import { urlOf, type SignedRequest, type StrictContext } from "./request";
import { json, Refusal, wire, type StrictResponse } from "./response";
import { newId, State, type StoredOrder } from "./state";

/** RFC 8555 §7.4. */
export function newOrder(context: StrictContext, request: SignedRequest): StrictResponse {
  const account = requireOwn(request);
  const payload = request.payload as Record<string, unknown>;
  const identifiers = readIdentifiers(context, payload["identifiers"]);
  const profile = payload["profile"] as string | undefined;
  if (profile !== undefined && context.options.profiles?.[profile] === undefined) {
    throw new Refusal(400, { type: "invalidProfile", detail: `no profile ${profile}` });
  }
  const replaces = payload["replaces"] as string | undefined;
  if (replaces !== undefined) checkReplaces(context, replaces);
  const order: StoredOrder = {
    id: newId(),
    account,
    identifiers,
    authorizations: identifiers.map((identifier) => authorizationFor(context, account, identifier)),
    profile,
    replaces,
  };
  context.state.orders.set(order.id, order);
  return json(201, orderObject(context, order), { location: urlOf(context, "order", order.id) });
}

function readIdentifiers(context: StrictContext, value: unknown): Identifier[] {
  const identifiers = (Array.isArray(value) ? value : []) as Identifier[];
  if (identifiers.length === 0) {
    context.deviations.record("wrong identifiers", "newOrder", "no identifiers");
    throw new Refusal(400, { type: "malformed", detail: "no identifiers" });
  }
  for (const { type, value: name } of identifiers) {
    const canonical = type === "ip" ? /^[0-9a-f.:]+$/ : /^(\*\.)?([a-z0-9_-]+\.)*[a-z0-9-]+$/;
    if (!canonical.test(name))
      context.deviations.record("name not canonical", "newOrder", `the name "${name}"`);
  }
  if (new Set(identifiers.map(({ value: name }) => name)).size < identifiers.length) {
    context.deviations.record("wrong identifiers", "newOrder", "a name twice");
  }
  return identifiers.map(({ type, value: name }) => ({ type, value: name }));
}

/** RFC 9773 §5. */
function checkReplaces(context: StrictContext, replaces: string): void {
  if (context.options.renewalInfo === false) {
    context.deviations.record(
      "replaces without renewal information",
      "newOrder",
      "replaces, though there is no renewal information",
    );
  }
  const taken = [...context.state.orders.values()].some((order) => order.replaces === replaces);
  if (taken) throw new Refusal(409, { type: "alreadyReplaced", detail: "replaced already" });
}

/** RFC 8555 §7.1.3; lists in another order than the request's, which clients must accept. */
function orderObject(context: StrictContext, order: StoredOrder): Record<string, unknown> {
  const status = State.statusOf(order);
  return {
    status,
    expires: new Date(Date.now() + 86_400_000).toISOString(),
    identifiers: [...order.identifiers].reverse(),
    authorizations: order.authorizations.map(({ id }) => urlOf(context, "authorization", id)),
    finalize: urlOf(context, "finalize", order.id),
    profile: order.profile,
    replaces: order.replaces,
    ...(status === "invalid"
      ? { error: wire({ type: "unauthorized", detail: "not proven" }) }
      : {}),
    ...(status === "valid" && order.finalized !== undefined
      ? { certificate: urlOf(context, "certificate", order.finalized.certificate.id) }
      : {}),
  };
}

function ownOrder(context: StrictContext, request: SignedRequest): StoredOrder {
  const order = context.state.orders.get(request.ids[0] ?? "");
  if (order === undefined || order.account !== requireOwn(request)) {
    throw new Refusal(404, { type: "malformed", detail: "no such order" });
  }
  return order;
}

export function order(context: StrictContext, request: SignedRequest): StrictResponse {
  const stored = ownOrder(context, request);
  const { finalized } = stored;
  const response = json(
    200,
    orderObject(context, stored),
    retryAfter(context, State.statusOf(stored)),
  );
  if (finalized !== undefined && finalized.looksLeft > 0) finalized.looksLeft--;
  return response;
}

/** RFC 8555 §7.4. */
export async function finalize(
  context: StrictContext,
  request: SignedRequest,
): Promise<StrictResponse> {
  const stored = ownOrder(context, request);
  const status = State.statusOf(stored);
  if (status !== "ready") {
    context.deviations.record("finalize before ready", "finalize", `the order is ${status}`);
    throw new Refusal(403, { type: "orderNotReady", detail: `the order is ${status}` });
  }
  const { csr } = request.payload as { csr?: unknown };
  const csrDer = Buffer.from(typeof csr === "string" ? csr : "", "base64url");
  const publicKey = await checkCertificateRequest(context, stored, csrDer);
  const issued = await context.issuer.issue(csrDer, context.options.lifetimeSeconds ?? 7_776_000);
  const certificate = {
    ...issued,
    id: newId(),
    account: stored.account,
    identifiers: stored.identifiers,
    publicKey,
  };
  context.state.certificates.set(certificate.id, certificate);
  const looks = context.options.processingLooks ?? 0;
  stored.finalized = { certificate, looksLeft: looks };
  // Issued, but this answer says `processing`: a client that does not look again never gets a certificate.
  const object = orderObject(context, stored);
  if (context.options.finalizeAtOnce !== true) {
    object["status"] = "processing";
    delete object["certificate"];
  }
  return json(200, object, retryAfter(context, String(object["status"])));
}

async function checkCertificateRequest(
  context: StrictContext,
  stored: StoredOrder,
  csrDer: Buffer,
): Promise<string> {
  const refuse = (message: string): Refusal => {
    context.deviations.record("wrong certificate request", "finalize", message);
    return new Refusal(400, { type: "badCSR", detail: message });
  };
  const request = await readCertificateRequest(csrDer);
  if (request === undefined) throw refuse("the request cannot be read");
  if (!request.signatureIsGood) throw refuse("the request is not signed by its key");
  const names = (list: readonly Identifier[]): string =>
    list
      .map(({ type, value }) => `${type}:${value}`)
      .sort()
      .join(", ");
  if (names(request.identifiers) !== names(stored.identifiers)) {
    throw refuse(`the request is for ${names(request.identifiers)}`);
  }
  const key = createPublicKey({ key: request.publicKeySpki, format: "der", type: "spki" });
  const jwk = key.export({ format: "jwk" });
  if (thumbprint({ ...jwk }) === thumbprint(stored.account.jwk)) {
    throw refuse("the certificate's key is the account's");
  }
  return request.publicKeySpki.toString("base64");
}
