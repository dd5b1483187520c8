/**
 * From an order to one that is valid: authorize, finalize, wait.
 *
 * @see RFC 8555 §7.4, Applying for Certificate Issuance
 */
import {
  type AccountCredentials,
  AcmeProblemError,
  type AcmeClient,
  finalizeOrder,
  hasProblemType,
  nameList,
  type Order,
  pollOrder,
} from "../acme";
import { authorize } from "./authorize";
import { type IssuanceContext, type IssuanceRequest, UnusableOrderError } from "./request";
import type { FailedSolver } from "./tasks";

/**
 * Brings an order of any status to "valid".
 *
 * @param failed - solvers that are not tried again
 */
export async function completeOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  order: Order,
  context: IssuanceContext,
  failed: readonly FailedSolver[] = [],
): Promise<Order> {
  const options = { signal: context.signal };
  if (order.status === "pending") {
    await authorize(client, credentials, order, request.solvers, context, failed);
  }
  let current = order;
  let tookRequest: boolean | undefined;
  if (order.status === "pending" || order.status === "ready") {
    context.progress("sends the certificate request");
    current = await finalize(client, credentials, order, request, options);
    ({ tookRequest } = current);
  }
  if (current.status !== "valid") {
    context.progress("waits for the CA to issue");
    current = await pollOrder(
      client,
      credentials,
      current,
      ({ status }) => status === "valid",
      options,
    );
  }
  if (current.status === "invalid") {
    throw current.error === undefined
      ? new UnusableOrderError(
          "dead",
          `acme: the CA gave up on the order ${order.url} without saying why`,
        )
      : new AcmeProblemError(`order for ${nameList(request.identifiers)}`, current.error);
  }
  return { ...current, tookRequest };
}

/**
 * Finalizes without asking first whether the order is ready: with all authorizations valid it nearly always is, and
 * where it is not, the CA says `orderNotReady` (RFC 8555 §7.4).
 */
async function finalize(
  client: AcmeClient,
  credentials: AccountCredentials,
  order: Order,
  request: IssuanceRequest,
  options: { signal: AbortSignal },
): Promise<Order> {
  try {
    return await finalizeOrder(client, credentials, order, request.certificateRequest, options);
  } catch (error) {
    if (!hasProblemType(error, "orderNotReady")) throw error;
    const settled = await pollOrder(
      client,
      credentials,
      order,
      ({ status }) => status !== "pending",
      options,
    );
    if (settled.status !== "ready") return settled;
    return finalizeOrder(client, credentials, settled, request.certificateRequest, options);
  }
}
