/** What is done with orders: create, update, read. Loads everything heavy. */
import type { OrderArguments } from "../../issuance/arguments";
import {
  type OrderedCertificate,
  type OrderOutcome,
  orderOutcomes,
} from "../../issuance/order-outcome";
import { prepareOrder } from "../../issuance/place-order";
import { isUnusable } from "../../issuance/request";
import { challengeKey } from "../../util/challenge";
import { instant } from "../../util/instant";
import { interruptible } from "../engine/interruption";
import type { Reporter } from "../engine/progress";
import type { Context } from "../engine/resource";
import { hashOfArguments } from "../engine/rules";
import { renewAt } from "../renewal/due";
import {
  issueOrFail,
  refuseTooEarly,
  renewalFailure,
  renewOrWarn,
  withFailure,
} from "../renewal/failure";
import { askRenewalInfo, mayAskAgain } from "../renewal/renewal-info";
import { type Pending, withAdvice, withoutTakenBack } from "../renewal/state";
import { RULES } from "./arguments";
import type { OrderDecision } from "./decide";
import { accountOf, isOutcomeKnown, type OrderState, ownCertificate, withOutcome } from "./state";

const FOREIGN: OrderOutcome = { kind: "dead", reason: "the order belongs to another account" };

export function create(args: OrderArguments, context: Context): Promise<OrderState> {
  return issueOrFail({}, () => placeOrder({}, args, context, { isRenewal: false }));
}

export async function update(
  former: OrderState,
  args: OrderArguments,
  { action }: OrderDecision,
  context: Context,
): Promise<OrderState> {
  const isToBeAsked = former.orderUrl !== undefined && !isOutcomeKnown(former);
  const state = isToBeAsked ? withOutcome(former, await fetchOutcome(former, args), args) : former;
  switch (action) {
    case "order":
      return issueOrFail(state, () => placeOrder(state, args, context, { isRenewal: false }));
    case "renew": {
      const { invalidReason, certificate } = state.__state ?? {};
      // An order that died has failed: the one after the next waits.
      const failed = invalidReason === undefined ? state : withFailure(state, invalidReason);
      return renewOrWarn(state, certificate, args, context, () =>
        placeOrder(failed, args, context, {
          isRenewal: true,
          lastFailure: failed.lastFailure,
        }),
      );
    }
    case "settings":
    case "none":
    case "look":
      return withSettings(withoutTakenBack(state), args);
  }
}

/** Finds out what became of the order, once; later it asks when to renew, at the pace that the CA set. */
export async function read(state: OrderState, reporter: Reporter): Promise<OrderState> {
  const { __arguments: args, __state: { invalidReason } = {}, orderUrl } = state;
  if (args === undefined || orderUrl === undefined || invalidReason !== undefined) return state;
  const certificate = ownCertificate(state);
  if (certificate !== undefined) return withRenewalInfo(state, args, certificate, reporter);
  reporter.progress("asks the CA what became of the order");
  const outcome = await fetchOutcome(state, args);
  if (outcome.kind === "unknown") reporter.warn(`${outcome.reason}: the order's state is kept`);
  // The account may have a new key, which only the program knows: `up` asks again.
  if (outcome.kind === "dead" && outcome.refused === true) return state;
  return withOutcome(state, outcome, args);
}

/** What became of the order: the CA is asked once in this process. */
export async function fetchOutcome(state: OrderState, args: OrderArguments): Promise<OrderOutcome> {
  const account = accountOf(state, args);
  if (state.orderUrl === undefined || account === undefined) return FOREIGN;
  return orderOutcomes.get(state.orderUrl, account, args.useRenewalInfo !== false);
}

async function withRenewalInfo(
  state: OrderState,
  args: OrderArguments,
  certificate: OrderedCertificate,
  reporter: Reporter,
): Promise<OrderState> {
  const { renewalInfo: former, askAgainAt } = state.__state ?? {};
  const isPolled =
    (former !== undefined || askAgainAt !== undefined) &&
    args.useRenewalInfo !== false &&
    mayAskAgain(former, askAgainAt, certificate.notAfter, Date.now());
  if (!isPolled) return state;
  reporter.progress("asks the CA when to renew");
  const advice = await askRenewalInfo(args.account, certificate.certId);
  const own = withAdvice(state.__state, advice);
  const { renewalInfo } = advice;
  if (renewalInfo === undefined) return { ...state, __state: own };
  const at = renewAt(certificate, args, renewalInfo);
  return { ...state, renewAt: at, __state: { ...own, renewalInfo } };
}

/**
 * Places the order that `args` ask for, or goes on with the one of a former run, and gives the new state.
 *
 * @throws {@link RenewalFailure}
 */
async function placeOrder(
  state: OrderState,
  args: OrderArguments,
  { name = "order", progress, warn }: Context,
  kept: Pick<OrderState, "isRenewal" | "lastFailure">,
): Promise<OrderState> {
  const request = hashOfArguments(RULES, "order", args);
  const { directoryUrl, accountUrl } = args.account;
  const { pending: former, certificate, failureCount } = state.__state ?? {};
  refuseTooEarly(state, request, [args.account]);
  const isOurs = former?.request === request && former.accountUrl === accountUrl;
  let pending: Pending | undefined = former;
  const known = {
    orderUrl: isOurs ? former.orderUrl : undefined,
    challenges: state.challenge === args.challenge ? state.challenges : undefined,
    // RFC 9773 §5: only the account that issued the old certificate may say that it is replaced.
    replaces: certificate?.issuedBy === accountUrl ? certificate.certId : undefined,
  };
  try {
    const order = await interruptible((signal) =>
      prepareOrder(args, known, {
        progress,
        warn,
        signal,
        reached: ({ orderUrl }) => {
          pending = { request, directoryUrl, accountUrl, orderUrl };
        },
      }),
    );
    orderOutcomes.forget(order.orderUrl);
    const challenges = order.challenges.map((value) => ({
      key: challengeKey(name, value.dnsName),
      ...value,
    }));
    return {
      ...order,
      challenges,
      ...kept,
      ...settingsOf(args),
      // Until there is another certificate, the former order's is the one that is in use.
      __state: {
        accountUrl,
        certificate,
        placedAt: kept.isRenewal === true ? instant(Date.now()) : undefined,
        failureCount: kept.lastFailure === undefined ? undefined : failureCount,
      },
    };
  } catch (error) {
    // Another order is the only way on from one that cannot be answered.
    throw renewalFailure(error, request, isUnusable(error) ? undefined : pending, [args.account]);
  }
}

/** The settings of `args` for the order that is there. */
function withSettings(state: OrderState, args: OrderArguments): OrderState {
  const certificate = ownCertificate(state);
  const { renewalInfo } = state.__state ?? {};
  return {
    ...state,
    ...settingsOf(args),
    renewAt: certificate === undefined ? undefined : renewAt(certificate, args, renewalInfo),
  };
}

/** The arguments, and those of them that make the resource an order reference. */
function settingsOf(args: OrderArguments): OrderState {
  const { dnsNames, challenge, profile, renewBefore, useRenewalInfo } = args;
  return { __arguments: args, dnsNames, challenge, profile, renewBefore, useRenewalInfo };
}
