/**
 * From names and a key to a certificate: order, authorize, finalize, download.
 *
 * Each step that the CA will remember is noted at once, so that an interrupted run is finished by the next one
 * without a second order.
 *
 * @see RFC 8555 §7.4, Applying for Certificate Issuance
 */
import { type AccountCredentials, AcmeProblemError, type AcmeClient, type Order } from "../acme";
import { ChallengeError } from "../challenges/solver";
import { withLock } from "../util/concurrency";
import { messageOf } from "../util/errors";
import { CertificateError } from "../x509/pem";
import { UnprovenError } from "./authorize";
import { completeOrder } from "./complete-order";
import { downloadChain } from "./download";
import { findOrder, placeOrder } from "./place-order";
import {
  type Checkpoint,
  type IssuanceContext,
  type IssuanceRequest,
  isUnusable,
  type Obtained,
} from "./request";
import { type FailedSolver, remainingSolvers } from "./tasks";
import { explainKept, isReplaced, unfitCheckpoint, UnfitError } from "./unfit";

/**
 * Obtains the certificate, resuming from `checkpoint` where the CA still has it.
 *
 * @throws {@link ChallengeError}, {@link AcmeProblemError}, {@link AcmeProtocolError}
 */
export async function obtain(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: IssuanceContext,
): Promise<Obtained> {
  try {
    return await obtainOnce(client, credentials, request, checkpoint, context);
  } catch (error) {
    if (!(error instanceof UnfitError)) throw error;
    if (!isReplaced(error, checkpoint, context.now())) throw keep(error, checkpoint, context);
    context.warn(`the order of a former run is of no use (${error.message}): orders anew`);
  }
  return obtainOnce(client, credentials, request, undefined, context).catch((error: unknown) => {
    throw error instanceof UnfitError ? keep(error, undefined, context) : error;
  });
}

/** Notes for the next run that the order is of no use; gives the error that says so. */
function keep(
  error: UnfitError,
  former: Checkpoint | undefined,
  { now, reached }: IssuanceContext,
): Error {
  const checkpoint = unfitCheckpoint(error, former, now());
  if (checkpoint === undefined) return new CertificateError(error.message, { cause: error.cause });
  reached(checkpoint);
  return new CertificateError(explainKept(error, checkpoint.unfitSince), { cause: error.cause });
}

async function obtainOnce(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: IssuanceContext,
): Promise<Obtained> {
  const issued = await withLock([lockOf(credentials, request)], () =>
    bringOrderToValid(client, credentials, request, checkpoint, context),
  );
  const certificateUrl = issued.certificate;
  if (certificateUrl === undefined) {
    throw new UnfitError(issued, new Error(`acme: ${issued.url} is valid without a certificate`));
  }
  context.reached({ ...sinceBefore(issued, checkpoint), certificateUrl });
  context.progress("downloads the certificate");
  try {
    const chain = await downloadChain(client, credentials, certificateUrl, request, context);
    return { chain, certificateUrl, profile: issued.profile };
  } catch (error) {
    const isGone = error instanceof AcmeProblemError && [404, 410].includes(error.status);
    throw isGone || error instanceof CertificateError ? new UnfitError(issued, error) : error;
  }
}

/** What was known of the order before, or that it is new. */
function sinceBefore({ url }: Order, checkpoint: Checkpoint | undefined): Checkpoint {
  return checkpoint?.orderUrl === url ? checkpoint : { orderUrl: url };
}

/* A CA may give one order to two who ask for the same names at the same time: here one waits for the other. */
function lockOf({ accountUrl }: AccountCredentials, { identifiers }: IssuanceRequest): string {
  return JSON.stringify([accountUrl, identifiers.map(({ value }) => value).sort()]);
}

/** An order that became valid: the former run's, or a new one, or another new one where the first one died. */
async function bringOrderToValid(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  context: IssuanceContext,
): Promise<Order> {
  let known = await resume(client, credentials, request, checkpoint, context);
  const failed: FailedSolver[] = [];
  const errors: unknown[] = [];
  let wasReplaced = false;
  for (;;) {
    let order = known;
    try {
      order ??= await placeOrder(client, credentials, request, context);
      context.reached(sinceBefore(order, checkpoint));
      return await completeOrder(client, credentials, request, order, context, failed);
    } catch (error) {
      const isFresh = order !== known;
      if (isUnusable(error) && (!isFresh || (isUnusable(error, "spent") && !wasReplaced))) {
        // A fresh order is not a repetition: most CAs give it authorizations of its own.
        wasReplaced = true;
        known = undefined;
        continue;
      }
      errors.push(error);
      if (!(error instanceof UnprovenError) || order === undefined || context.signal.aborted)
        throw joined(errors);
      failed.push(...error.failed);
      if (!othersRemain(request, failed, error)) throw joined(errors);
      context.warn(`${error.message}: tries the next solver`);
      // An authorization that failed is failed for good (RFC 8555 §7.1.6); one that was not asked for yet is not.
      known = await resume(client, credentials, request, { orderUrl: order.url }, context);
    }
  }
}

/** Whether each name that has just failed has a solver that was not tried yet. */
function othersRemain(
  { identifiers, solvers }: IssuanceRequest,
  failed: readonly FailedSolver[],
  error: UnprovenError,
): boolean {
  return error.failed.every(({ name }) => {
    const identifier = identifiers.find(({ value }) => value === name);
    return identifier !== undefined && remainingSolvers(solvers, identifier, failed).length > 0;
  });
}

/** The errors of all solvers, in their order. */
function joined(errors: readonly unknown[]): unknown {
  if (errors.length < 2) return errors[0];
  return new ChallengeError(errors.map(messageOf).join("; then "), { cause: errors.at(-1) });
}

/** The former run's order, if it can still lead to the certificate. */
async function resume(
  client: AcmeClient,
  credentials: AccountCredentials,
  { identifiers }: IssuanceRequest,
  checkpoint: Checkpoint | undefined,
  { progress, signal }: IssuanceContext,
): Promise<Order | undefined> {
  const order = await findOrder(client, credentials, checkpoint?.orderUrl, identifiers, signal);
  if (order !== undefined) progress(`goes on with an order that is ${order.status}`);
  return order;
}
