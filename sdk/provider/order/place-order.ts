/** Placing an order and reading what answers its challenges. Loads everything heavy. */

import {
  type AccountCredentials,
  AcmeProblemError,
  type AcmeServer,
  getAuthorization,
  getOrder,
  newOrder,
  type Order,
} from "../../acme";
import { challengeValues, UnanswerableOrderError } from "../../issuance/challenge-values";
import { credentialsFor, clientFor } from "../../issuance/clients";
import { withDeadline } from "../../util/abort";
import { challengeKey } from "../../util/challenge";
import { instant } from "../../util/duration";
import { messageOf } from "../../util/errors";
import { sha256Of } from "../../util/sha256";
import { profileFor } from "../certificate/issue";
import { accountHint, isAccountLost } from "../certificate/failure";
import { isGone } from "./fetch-outcome";
import type {
  KeyedChallengeValue,
  OrderArguments,
  OrderState,
  PlacedOrder,
  Refusal,
} from "./state";
import type { Reporter } from "../engine/progress";
import { sameData } from "../engine/wire";

const TIMEOUT_MS = 300_000;

/** What the state takes over from a new order. */
export interface NewOrder {
  readonly orderUrl: string;
  readonly status: string;
  readonly expires: string | undefined;
  readonly orderedBy: string;
  readonly challenges: readonly KeyedChallengeValue[];
}

/** No order came of it. */
export class OrderFailure extends Error {
  override readonly name = "OrderFailure";
  /** What the next run goes on with. */
  readonly placed: PlacedOrder | undefined;
  readonly refusal: Refusal | undefined;

  constructor(
    message: string,
    kept: { readonly placed?: PlacedOrder | undefined; readonly refusal?: Refusal | undefined },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.placed = kept.placed;
    this.refusal = kept.refusal;
  }
}

/**
 * Places the order that `news` asks for, or goes on with one that a former run placed.
 *
 * @param name - of the resource: the keys of its challenges begin with it
 * @throws {@link OrderFailure}
 */
export async function placeOrder(
  state: OrderState,
  news: OrderArguments,
  name: string | undefined,
  reporter: Reporter,
  interrupted: AbortSignal,
): Promise<NewOrder> {
  const request = hashOf(news);
  refuseTooEarly(state, request);
  let { placed } = state;
  try {
    const client = clientFor(news.account);
    const credentials = await credentialsFor(news.account);
    const what = `acme: an order for ${news.dnsNames.join(", ")}`;
    return await withDeadline(what, TIMEOUT_MS, interrupted, async (signal) => {
      const wanted = { client, credentials, news, state, reporter, signal };
      const order = (await resume(wanted)) ?? (await place(wanted));
      placed = {
        orderUrl: order.url,
        accountUrl: credentials.accountUrl,
        ...datesAndProfile(news),
      };
      return await describe(order, name, wanted);
    });
  } catch (error) {
    // Another order is the only way on from one that cannot be answered.
    const kept = error instanceof UnanswerableOrderError ? undefined : placed;
    throw failure(error, kept, request, news);
  }
}

interface Wanted {
  readonly client: AcmeServer;
  readonly credentials: AccountCredentials;
  readonly news: OrderArguments;
  readonly state: OrderState;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** What an order is asked to be, besides its names: it cannot be changed afterwards. */
function datesAndProfile({ profile, notBefore, notAfter }: OrderArguments | PlacedOrder) {
  return { profile, notBefore, notAfter };
}

/** The former run's order, if it is still what is wanted. */
async function resume({
  client,
  credentials,
  news,
  state,
  signal,
}: Wanted): Promise<Order | undefined> {
  const { placed } = state;
  const isOurs = placed?.accountUrl === credentials.accountUrl;
  if (!isOurs || !sameData(datesAndProfile(placed), datesAndProfile(news))) return undefined;
  try {
    const order = await getOrder(client, credentials, placed.orderUrl, { signal });
    const usable = order.status === "pending" || order.status === "ready";
    const names = order.identifiers.map(({ value }) => value.toLowerCase()).sort();
    return usable && names.join() === [...news.dnsNames].sort().join() ? order : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function place({
  client,
  credentials,
  news,
  state,
  reporter,
  signal,
}: Wanted): Promise<Order> {
  const { certificate } = state;
  const { notBefore, notAfter, account } = news;
  const profile = await profileFor(news, account, reporter, signal);
  // RFC 9773 §5: only the account that issued the old certificate may say that it is replaced.
  const replaces = certificate?.issuedBy === account.accountUrl ? certificate.certId : undefined;
  const identifiers = news.dnsNames.map((value) => ({ type: "dns" as const, value }));
  reporter.progress(`orders a certificate for ${String(identifiers.length)} names`);
  const request = { identifiers, profile, replaces, notBefore, notAfter };
  return newOrder(client, credentials, request, { signal });
}

async function describe(
  order: Order,
  name: string | undefined,
  { client, credentials, news, state, reporter, signal }: Wanted,
): Promise<NewOrder> {
  reporter.progress("asks the CA for the challenges");
  const authorizations = await Promise.all(
    order.authorizations.map((url) => getAuthorization(client, credentials, url, { signal })),
  );
  const sameKind = state.challenge === news.challenge;
  const values = challengeValues(
    authorizations,
    news.challenge,
    credentials.key.thumbprint,
    sameKind ? (state.challenges ?? []) : [],
  );
  const expires = Date.parse(order.expires ?? "");
  return {
    orderUrl: order.url,
    status: order.status,
    expires: Number.isNaN(expires) ? undefined : instant(expires),
    orderedBy: credentials.accountUrl,
    challenges: values.map((value) => ({
      key: challengeKey(name ?? "order", value.dnsName),
      ...value,
    })),
  };
}

/** What the CA asked us to wait for is waited for: not even one request is sent before. */
function refuseTooEarly({ refusal, placed }: OrderState, request: string): void {
  if (refusal?.request !== request || Date.now() >= Date.parse(refusal.retryAt)) return;
  const message = `${refusal.message} (nothing was sent: the CA asked to come back after ${refusal.retryAt}; a change of triggers asks it at once)`;
  throw new OrderFailure(message, { placed, refusal });
}

function failure(
  error: unknown,
  placed: PlacedOrder | undefined,
  request: string,
  news: OrderArguments,
): OrderFailure {
  const problem = error instanceof AcmeProblemError ? error : undefined;
  const hint = problem !== undefined && isAccountLost(problem) ? accountHint(news) : "";
  const message = `${messageOf(error)}${hint}`;
  const retryAt = problem?.retryAt;
  const refusal =
    retryAt === undefined ? undefined : { request, retryAt: instant(retryAt), message };
  return new OrderFailure(message, { placed, refusal }, { cause: error });
}

function hashOf(news: OrderArguments): string {
  const { account, dnsNames, challenge, profile, notBefore, notAfter, triggers } = news;
  const content = { dnsNames, challenge, profile, notBefore, notAfter, triggers };
  return sha256Of(JSON.stringify({ directoryUrl: account.directoryUrl, ...content }), "base64url");
}
