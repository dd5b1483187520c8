/**
 * From an order that somebody else placed and answered to a certificate: validate, finalize, download.
 *
 * @see RFC 8555 §7.4, Applying for Certificate Issuance
 */
import {
  type AccountCredentials,
  AcmeProblemError,
  type AcmeClient,
  describeProblem,
  downloadCertificate,
  getOrder,
  type Order,
  sameIdentifiers,
} from "../acme";
import { ConfigurationError } from "../util/errors";
import { describeCertificate } from "../x509/certificate";
import { inOrder } from "../x509/chain";
import { completeOrder } from "./complete-order";
import { downloadChain } from "./download";
import {
  type IssuanceContext,
  type IssuanceRequest,
  type Obtained,
  UnusableOrderError,
} from "./request";

const AGAIN = "the next `pulumi up` places another, and its records and the certificate follow";

/**
 * Finishes the order; it is never replaced here, because its records belong to it.
 *
 * @throws {@link UnusableOrderError} for an order that cannot lead to a certificate any more
 * @throws {@link ConfigurationError} for one that is for other names, or that led to a certificate with another key
 */
export async function obtainFromOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: IssuanceRequest,
  orderUrl: string,
  context: IssuanceContext,
): Promise<Obtained> {
  const order = await requireOrder(client, credentials, orderUrl, context.signal);
  if (!sameIdentifiers(order.identifiers, request.identifiers)) {
    const names = order.identifiers.map(({ value }) => value).join(", ");
    throw new ConfigurationError(
      `order: ${orderUrl} is for ${names}, and the certificate for other names; give both the same`,
    );
  }
  context.reached({ orderUrl });
  context.progress(`goes on with the order, which is ${order.status}`);
  const issued = await completeOrder(client, credentials, request, order, context);
  const { certificate: certificateUrl, profile } = issued;
  if (certificateUrl === undefined)
    throw new UnusableOrderError(
      "noCertificate",
      `acme: ${orderUrl} is valid without a certificate`,
    );
  const wasUsed = order.status === "processing" || order.status === "valid";
  if (wasUsed) await requireOwnKey(client, credentials, request, orderUrl, certificateUrl, context);
  context.reached({ orderUrl, certificateUrl });
  context.progress("downloads the certificate");
  const chain = await downloadChain(client, credentials, certificateUrl, request, context);
  return { chain, certificateUrl, profile };
}

async function requireOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  orderUrl: string,
  signal: AbortSignal,
): Promise<Order> {
  let order: Order;
  try {
    order = await getOrder(client, credentials, orderUrl, { signal });
  } catch (error) {
    if (!(error instanceof AcmeProblemError) || error.status !== 404) throw error;
    throw new UnusableOrderError(
      "dead",
      `acme: the CA does not know the order ${orderUrl} of ${credentials.accountUrl}: it is gone, or another account's; ${AGAIN}`,
      { cause: error },
    );
  }
  if (order.status !== "invalid") return order;
  const why = order.error === undefined ? "" : ` (${describeProblem(order.error)})`;
  throw new UnusableOrderError("dead", `acme: the order ${orderUrl} is invalid${why}; ${AGAIN}`);
}

/** An interrupted run may have finalized it, with our key; anybody else has not. */
async function requireOwnKey(
  client: AcmeClient,
  credentials: AccountCredentials,
  { publicKeySha256 }: IssuanceRequest,
  orderUrl: string,
  certificateUrl: string,
  { signal }: IssuanceContext,
): Promise<void> {
  const { chainPem } = await downloadCertificate(client, credentials, certificateUrl, { signal });
  if (describeCertificate(inOrder(chainPem)).publicKeySha256 === publicKeySha256) return;
  throw new ConfigurationError(
    `order: ${orderUrl} is used up: it led to a certificate with another key. A change of the AcmeOrder's \`triggers\` places another order`,
  );
}
