/**
 * Placing an order, finding a former run's order again, and reading what answers an order's challenges.
 *
 * @see RFC 8555 §7.4, Applying for Certificate Issuance
 */
import {
  type AccountCredentials,
  AcmeProblemError,
  type AcmeIdentifier,
  type AcmeClient,
  getAuthorizations,
  getDirectory,
  getOrder,
  hasProblemType,
  newOrder,
  type NewOrderRequest,
  type Order,
  sameIdentifiers,
} from "../acme";
import type { SolverContext } from "../challenges/solver";
import { withDeadline } from "../util/abort";
import { instant } from "../util/instant";
import { ConfigurationError } from "../util/errors";
import type { CertificateArguments, OrderArguments } from "./arguments";
import { type ChallengeValue, challengeValues } from "./challenge-values";
import { clientFor, credentialsFor } from "./clients";
import { isUnusable, type ResumableContext } from "./request";

const TIMEOUT_MS = 300_000;

/** An order, and what its challenges are answered with. */
export interface PreparedOrder {
  readonly orderUrl: string;
  readonly status: string;
  readonly expires?: string;
  readonly challenges: readonly ChallengeValue[];
}

/** What is known from before. */
export interface FormerOrder {
  /** A former run placed it for the same request, and stopped. */
  readonly orderUrl?: string;
  /** The values that answered the same kind of challenge. */
  readonly challenges?: readonly ChallengeValue[];
  /** The ARI identifier of the certificate that is renewed, RFC 9773 §5. */
  readonly replaces?: string;
}

/** Places the order that `args` asks for, or goes on with the former run's, and reads its challenges. */
export async function prepareOrder(
  args: Omit<OrderArguments, "renewBefore" | "useRenewalInfo" | "triggers">,
  former: FormerOrder,
  interrupted: ResumableContext,
): Promise<PreparedOrder> {
  const { account, dnsNames, challenge, notBefore, notAfter } = args;
  const client = clientFor(account);
  const credentials = await credentialsFor(account);
  const what = `acme: an order for ${dnsNames.join(", ")}`;
  return withDeadline(what, TIMEOUT_MS, interrupted.signal, async (signal) => {
    const context = { ...interrupted, signal };
    const identifiers = dnsNames.map((value) => ({ type: "dns" as const, value }));
    const known = await findOrder(client, credentials, former.orderUrl, identifiers, signal);
    const isUnused = known?.status === "pending" || known?.status === "ready";
    const place = async (): Promise<Order> => {
      const profile = await profileFor(args, account, context);
      const { replaces } = former;
      const request = { identifiers, profile, replaces, notBefore, notAfter };
      return placeOrder(client, credentials, request, context);
    };
    const prepare = async (order: Order): Promise<PreparedOrder> => {
      context.reached({ orderUrl: order.url });
      context.progress("asks the CA for the challenges");
      const found = await getAuthorizations(client, credentials, order, { signal });
      const { thumbprint } = credentials.key;
      const challenges = challengeValues(
        order,
        found,
        challenge,
        thumbprint,
        former.challenges ?? [],
      );
      return { orderUrl: order.url, status: order.status, expires: expiryOf(order), challenges };
    };
    return prepare(isUnused ? known : await place()).catch(async (error: unknown) => {
      // Most CAs give another order authorizations of its own.
      if (isUnusable(error, "spent")) return prepare(await place());
      throw error;
    });
  });
}

export async function placeOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: NewOrderRequest,
  { progress, signal }: SolverContext,
): Promise<Order> {
  progress(`orders a certificate for ${String(request.identifiers.length)} names`);
  return newOrder(client, credentials, request, { signal });
}

/** The order, where the CA still has it, it has not failed or expired, and it is for `identifiers`. */
export async function findOrder(
  client: AcmeClient,
  credentials: AccountCredentials,
  orderUrl: string | undefined,
  identifiers: readonly AcmeIdentifier[],
  signal: AbortSignal,
): Promise<Order | undefined> {
  if (orderUrl === undefined) return undefined;
  try {
    const order = await getOrder(client, credentials, orderUrl, { signal });
    const isUsable = order.status !== "invalid" && !isExpired(order, Date.now());
    return isUsable && sameIdentifiers(order.identifiers, identifiers) ? order : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** RFC 8555 §7.1.3: an order that is not valid by then is invalid, whatever status the CA still shows. */
function isExpired({ status, expires }: Order, now: number): boolean {
  return status !== "valid" && Date.parse(expires ?? "") <= now;
}

/** The CA has purged the order (RFC 8555 §7.1.6), answers 404 for an expired one, or does not accept the account any more. */
export function isGone(error: unknown): error is AcmeProblemError {
  if (!(error instanceof AcmeProblemError)) return false;
  const { status } = error;
  const isPassing = hasProblemType(error, "badNonce", "userActionRequired", "rateLimited");
  return status >= 400 && status < 500 && status !== 408 && status !== 429 && !isPassing;
}

/** When the CA gives up on the order, RFC 3339, where it says so. */
export function expiryOf({ expires }: Order): string | undefined {
  const time = Date.parse(expires ?? "");
  return Number.isNaN(time) ? undefined : instant(time);
}

/** The profile to ask for; one that the CA does not offer is dropped unless it is required (profiles draft §4). */
export async function profileFor(
  { profile, profileRequired }: Pick<CertificateArguments, "profile" | "profileRequired">,
  account: { readonly directoryUrl: string; readonly caBundlePem?: string },
  { signal, warn }: SolverContext,
): Promise<string | undefined> {
  if (profile === undefined) return undefined;
  const { meta } = await getDirectory(clientFor(account), { signal });
  if (Object.hasOwn(meta.profiles, profile)) return profile;
  const offered = Object.keys(meta.profiles).join(", ");
  const message = `profile: ${account.directoryUrl} does not offer "${profile}"; it offers ${offered === "" ? "none" : offered}`;
  if (profileRequired === true) throw new ConfigurationError(message);
  warn(`${message}: issues without a profile`);
  return undefined;
}
