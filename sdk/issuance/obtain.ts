/**
 * From names and a key to a certificate: order, authorize, finalize, download.
 *
 * Each step that the CA will remember is noted at once, so that an interrupted run is finished by the next one
 * without a second order.
 *
 * @see RFC 8555 §7.4, Applying for Certificate Issuance
 */
import {
  type AccountCredentials,
  type AcmeIdentifier,
  AcmeProblemError,
  type AcmeServer,
  getOrder,
  newOrder,
  type Order,
} from "../acme";
import { ChallengeError } from "../challenges/solver";
import { messageOf } from "../util/errors";
import { withLock } from "../util/concurrency";
import { type CheckedChain, UnfitCertificateError } from "../x509/chain";
import { type AuthorizeContext, DeadOrderError, UnprovenError } from "./authorize";
import { complete, sameIdentifiers } from "./complete-order";
import { downloadChain } from "./download";
import type { SolverArguments } from "./solver-arguments";
import { type Failed, remaining } from "./tasks";

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
  client: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: ObtainContext,
): Promise<Obtained> {
  let former = checkpoint;
  for (;;) {
    try {
      return await obtainOnce(client, credentials, request, former, context);
    } catch (error) {
      const isUseless =
        error instanceof NoCertificateError || error instanceof UnfitCertificateError;
      if (former === undefined || !isUseless) throw error;
      // All the runs to come would meet the same.
      context.warn(`the order of a former run is of no use (${messageOf(error)}): orders anew`);
      former = undefined;
    }
  }
}

/** The order is done, and its certificate cannot be had. */
class NoCertificateError extends Error {}

async function obtainOnce(
  client: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: ObtainContext,
): Promise<Obtained> {
  const issued = await withLock([turnOf(credentials, request)], () =>
    issueInOneOrder(client, credentials, request, checkpoint, context),
  );
  const certificateUrl = issued.certificate;
  if (certificateUrl === undefined)
    throw new NoCertificateError(`acme: ${issued.url} is valid without a certificate`);
  context.reached({ orderUrl: issued.url, certificateUrl });
  context.progress("downloads the certificate");
  try {
    const chain = await downloadChain(client, credentials, certificateUrl, request, context);
    return { chain, certificateUrl, profile: issued.profile };
  } catch (error) {
    const isGone = error instanceof AcmeProblemError && [404, 410].includes(error.status);
    throw isGone ? new NoCertificateError(error.message, { cause: error }) : error;
  }
}

/* A CA may give one order to two who ask for the same names at the same time: here they ask one after the other. */
function turnOf({ accountUrl }: AccountCredentials, { identifiers }: IssuanceRequest): string {
  return JSON.stringify([accountUrl, identifiers.map(({ value }) => value).sort()]);
}

/** An order that became valid: the former run's, or a new one, or another new one where the first one died. */
async function issueInOneOrder(
  client: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: ObtainContext,
): Promise<Order> {
  let known = await resume(client, credentials, request, checkpoint, context);
  const failed: Failed[] = [];
  const said: unknown[] = [];
  for (;;) {
    let order = known;
    try {
      order ??= await placeOrder(client, credentials, request, context);
      return await complete(client, credentials, request, order, context, failed);
    } catch (error) {
      if (error instanceof DeadOrderError && order === known) {
        // It died meanwhile. A fresh one is not a repetition: it has authorizations of its own.
        known = undefined;
        continue;
      }
      said.push(error);
      if (!(error instanceof UnprovenError) || order === undefined || context.signal.aborted)
        throw joined(said);
      failed.push(...error.failed);
      if (!othersRemain(request, failed, error)) throw joined(said);
      context.warn(`${error.message}: tries the next solver`);
      // An authorization that failed is failed for good (RFC 8555 §7.1.6); one that was not asked for yet is not.
      known = await resume(client, credentials, request, { orderUrl: order.url }, context);
    }
  }
}

/** Whether each name that has just failed has a solver that was not tried yet. */
function othersRemain(
  { identifiers, solvers }: IssuanceRequest,
  failed: readonly Failed[],
  error: UnprovenError,
): boolean {
  return error.failed.every(({ name }) => {
    const identifier = identifiers.find(({ value }) => value === name);
    return identifier !== undefined && remaining(solvers, identifier, failed).length > 0;
  });
}

/** What each of the solvers said, in their order. */
function joined(said: readonly unknown[]): unknown {
  if (said.length < 2) return said[0];
  return new ChallengeError(said.map(messageOf).join("; then "), { cause: said.at(-1) });
}

/** The former run's order, if it can still lead to the wanted certificate. */
async function resume(
  client: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: ObtainContext,
): Promise<Order | undefined> {
  if (checkpoint === undefined) return undefined;
  try {
    const order = await getOrder(client, credentials, checkpoint.orderUrl, {
      signal: context.signal,
    });
    if (!sameIdentifiers(order.identifiers, request.identifiers)) return undefined;
    if (order.status === "invalid" || isOver(order, context.now())) return undefined;
    context.progress(`goes on with an order that is ${order.status}`);
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

/** RFC 8555 §7.1.3: an order that is not valid by then is invalid, whatever status the CA still shows. */
function isOver({ status, expires }: Order, now: number): boolean {
  return status !== "valid" && Date.parse(expires ?? "") <= now;
}

async function placeOrder(
  client: AcmeServer,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  context: ObtainContext,
): Promise<Order> {
  const { identifiers, profile, replaces, notBefore, notAfter } = request;
  context.progress(`orders a certificate for ${String(identifiers.length)} names`);
  const order = await newOrder(
    client,
    credentials,
    { identifiers, profile, replaces, notBefore, notAfter },
    {
      signal: context.signal,
    },
  );
  context.reached({ orderUrl: order.url });
  return order;
}
