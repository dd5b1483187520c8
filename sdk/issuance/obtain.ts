/**
 * From names and a key to a certificate: order, authorize, finalize, download. Layer 4.
 *
 * Each step that the CA will remember is noted at once, so that an interrupted run is finished by the next one
 * without a second order.
 *
 * @see RFC 8555 §7.4, Applying for Certificate Issuance
 */
import { AcmeProblemError, finalizeOrder, getOrder, newOrder, pollOrder } from "../acme";
import type { AccountCredentials, AcmeIdentifier, AcmeServer, Order } from "../acme";
import type { CheckedChain } from "../x509/chain";
import type { SolverArguments } from "./solver-arguments";
import { authorize, DeadOrderError } from "./authorize";
import type { AuthorizeContext } from "./authorize";
import { downloadChain } from "./download";

export interface IssuanceRequest {
  readonly identifiers: readonly AcmeIdentifier[];
  readonly solvers: readonly SolverArguments[];
  /** PKCS#10, DER. */
  readonly certificateRequest: Uint8Array;
  /** Of the request's key, base64, as `publicKeySha256` gives it. */
  readonly publicKeySha256: string;
  readonly profile?: string;
  /** The ARI identifier of the certificate that this one takes the place of, RFC 9773 §5. */
  readonly replaces?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly preferredChain?: string;
}

/** What a former run reached at the CA. */
export interface Checkpoint {
  readonly orderUrl: string;
  readonly certificateUrl?: string;
}

export interface ObtainContext extends AuthorizeContext {
  readonly now: () => number;
  /** Called as soon as the CA has something that the next run would need. */
  reached(checkpoint: Checkpoint): void;
}

export interface Obtained {
  readonly chain: CheckedChain;
  readonly certificateUrl: string;
  /** As the order names it. */
  readonly profile?: string;
}

/**
 * Obtains the certificate, resuming from `checkpoint` where the CA still has it.
 *
 * @throws {@link ChallengeError}, {@link AcmeProblemError}, {@link AcmeProtocolError}
 */
export async function obtain(
  server: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: ObtainContext,
): Promise<Obtained> {
  const resumed = await resume(server, credentials, request, checkpoint, context);
  const order = resumed ?? (await placeOrder(server, credentials, request, context));
  let issued: Order;
  try {
    issued = await complete(server, credentials, request, order, context);
  } catch (error) {
    if (!(error instanceof DeadOrderError) || resumed === undefined) throw error;
    // The former run's order died meanwhile. A fresh one is not a repetition: it has authorizations of its own.
    const fresh = await placeOrder(server, credentials, request, context);
    issued = await complete(server, credentials, request, fresh, context);
  }
  const certificateUrl = issued.certificate;
  if (certificateUrl === undefined)
    throw new DeadOrderError(`acme: ${issued.url} is valid without a certificate`);
  context.reached({ orderUrl: issued.url, certificateUrl });
  context.progress("downloads the certificate");
  const chain = await downloadChain(server, credentials, certificateUrl, request, context);
  return { chain, certificateUrl, profile: issued.profile };
}

/** The former run's order, if it can still lead to the wanted certificate. */
async function resume(
  server: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: ObtainContext,
): Promise<Order | undefined> {
  if (checkpoint === undefined) return undefined;
  try {
    const order = await getOrder(server, credentials, checkpoint.orderUrl, {
      signal: context.signal,
    });
    if (order.status === "invalid" || !sameIdentifiers(order.identifiers, request.identifiers))
      return undefined;
    context.progress(`goes on with the order of the last run, which is ${order.status}`);
    return order;
  } catch (error) {
    // Gone, expired, or of an account that the CA does not know any more (RFC 8555 §7.1.6 lets a CA purge orders).
    if (
      error instanceof AcmeProblemError &&
      error.status >= 400 &&
      error.status < 500 &&
      error.status !== 429
    ) {
      return undefined;
    }
    throw error;
  }
}

async function placeOrder(
  server: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  context: ObtainContext,
): Promise<Order> {
  const { identifiers, profile, replaces, notBefore, notAfter } = request;
  context.progress(`orders a certificate for ${String(identifiers.length)} names`);
  const order = await newOrder(
    server,
    credentials,
    { identifiers, profile, replaces, notBefore, notAfter },
    {
      signal: context.signal,
    },
  );
  context.reached({ orderUrl: order.url });
  return order;
}

/** Brings an order of any status to "valid". */
export async function complete(
  server: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  order: Order,
  context: ObtainContext,
): Promise<Order> {
  const options = { signal: context.signal };
  if (order.status === "pending")
    await authorize(server, credentials, order, request.solvers, context);
  let current = order;
  if (order.status === "pending" || order.status === "ready") {
    context.progress("sends the certificate request");
    current = await finalize(server, credentials, order, request, options);
  }
  if (current.status !== "valid") {
    context.progress("waits for the CA to issue");
    current = await pollOrder(
      server,
      credentials,
      order.url,
      ({ status }) => status === "valid",
      options,
    );
  }
  if (current.status === "invalid") {
    throw current.error === undefined
      ? new DeadOrderError(`acme: the CA gave up on the order ${order.url} without saying why`)
      : new AcmeProblemError(`order for ${describe(request)}`, current.error);
  }
  return current;
}

/**
 * Finalizes without asking first whether the order is ready: with all authorizations valid it nearly always is, and
 * where it is not, the CA says `orderNotReady` (RFC 8555 §7.4).
 */
async function finalize(
  server: AcmeServer,
  credentials: AccountCredentials,
  order: Order,
  request: IssuanceRequest,
  options: { signal: AbortSignal },
): Promise<Order> {
  try {
    return await finalizeOrder(server, credentials, order, request.certificateRequest, options);
  } catch (error) {
    if (!(error instanceof AcmeProblemError && error.problem.type === "orderNotReady")) throw error;
    const settled = await pollOrder(
      server,
      credentials,
      order.url,
      ({ status }) => status !== "pending",
      options,
    );
    if (settled.status !== "ready") return settled;
    return finalizeOrder(server, credentials, settled, request.certificateRequest, options);
  }
}

/** As sets: a CA may list them in any order (O-3). */
export function sameIdentifiers(
  a: readonly AcmeIdentifier[],
  b: readonly AcmeIdentifier[],
): boolean {
  const key = (list: readonly AcmeIdentifier[]): string =>
    list
      .map(({ type, value }) => `${type}:${value.toLowerCase()}`)
      .sort()
      .join();
  return key(a) === key(b);
}

function describe({ identifiers }: IssuanceRequest): string {
  const [first] = identifiers;
  const others = identifiers.length - 1;
  return others > 0 ? `${first?.value ?? ""} and ${String(others)} more` : (first?.value ?? "");
}
