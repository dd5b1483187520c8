/** Placing an order for an `AcmeOrder`: from what it goes on, and what is kept when it fails. */
import { AcmeProblemError } from "../../acme";
import type { OrderArguments } from "../../issuance/arguments";
import { type PreparedOrder, prepareOrder } from "../../issuance/place-order";
import { isUnusable } from "../../issuance/request";
import { challengeKey } from "../../util/challenge";
import { instant } from "../../util/duration";
import { messageOf } from "../../util/errors";
import { sha256Of } from "../../util/sha256";
import { accountHint, isAccountLost } from "../certificate/failure";
import type { Reporter } from "../engine/progress";
import { sameData } from "../engine/wire";
import type { KeyedChallengeValue, OrderState, PlacedOrder, Refusal } from "./state";

/** What the state takes over from a new order. */
export interface NewOrder extends PreparedOrder {
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
  const { account } = news;
  const isOurs =
    state.placed?.accountUrl === account.accountUrl &&
    sameData(datesAndProfile(state.placed), datesAndProfile(news));
  let { placed } = state;
  try {
    const order = await prepareOrder(
      news,
      {
        orderUrl: isOurs ? state.placed.orderUrl : undefined,
        challenges: state.challenge === news.challenge ? state.challenges : undefined,
        replaces: replacedBy(state, account.accountUrl),
      },
      {
        progress: reporter.progress,
        warn: reporter.warn,
        signal: interrupted,
        reached: ({ orderUrl }) => {
          placed = { orderUrl, accountUrl: account.accountUrl, ...datesAndProfile(news) };
        },
      },
    );
    const challenges = order.challenges.map((value) => ({
      key: challengeKey(name ?? "order", value.dnsName),
      ...value,
    }));
    return { ...order, orderedBy: account.accountUrl, challenges };
  } catch (error) {
    // Another order is the only way on from one that cannot be answered.
    throw failure(error, isUnusable(error) ? undefined : placed, request, news);
  }
}

/** What an order is asked to be, besides its names: it cannot be changed afterwards. */
function datesAndProfile({ profile, notBefore, notAfter }: OrderArguments | PlacedOrder) {
  return { profile, notBefore, notAfter };
}

/** RFC 9773 §5: only the account that issued the old certificate may say that it is replaced. */
function replacedBy({ certificate }: OrderState, accountUrl: string): string | undefined {
  return certificate?.issuedBy === accountUrl ? certificate.certId : undefined;
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
