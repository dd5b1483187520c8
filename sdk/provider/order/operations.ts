/** What is done with orders: create, update, read. Loads everything heavy. */
import type { OrderArguments } from "../../issuance/arguments";
import { clientFor } from "../../issuance/clients";
import { orderOutcomes, type OrderOutcome } from "../../issuance/order-outcome";
import { nextAttempt } from "../../issuance/renewal";
import { fetchRenewalInfo } from "../../issuance/renewal-info";
import { withDeadline } from "../../util/abort";
import { describeSpan, instant } from "../../util/duration";
import { renewAt } from "../certificate/results";
import type { LastFailure } from "../certificate/state";
import { PartialFailure, type Properties } from "../engine/handler";
import { interruptible } from "../engine/interruption";
import type { Reporter } from "../engine/progress";
import { decideOrder, decideWithOutcome, isTolerated } from "./decide";
import { accountOf, withOutcome } from "./outcome";
import { OrderFailure, placeOrder } from "./place-order";
import { isOutcomeKnown, type OrderState, ownCertificate } from "./state";

const RENEWAL_INFO_TIMEOUT_MS = 10_000;

export function create(
  news: OrderArguments,
  name: string | undefined,
  reporter: Reporter,
): Promise<Properties> {
  return orderOrFail({}, news, name, reporter);
}

export async function update(
  former: OrderState,
  news: OrderArguments,
  name: string | undefined,
  reporter: Reporter,
): Promise<Properties> {
  const now = Date.now();
  let decision = decideOrder(former, news, now);
  let state = former;
  if (former.orderUrl !== undefined && !isOutcomeKnown(former)) {
    const outcome = await fetchOutcome(former, news);
    state = withOutcome(former, outcome, news);
    if (decision.action === "look") decision = decideWithOutcome(former, outcome, news, now);
  }
  switch (decision.action) {
    case "order":
      return orderOrFail(state, news, name, reporter);
    case "renew":
      return renew(state, news, name, reporter);
    case "adjust":
    case "none":
    case "look":
      return asProperties(adjusted(withoutTakenBack(state), news));
  }
}

const FOREIGN: OrderOutcome = { kind: "dead", reason: "the order belongs to another account" };

/** What became of the order: the CA is asked once in this process. */
export async function fetchOutcome(state: OrderState, news: OrderArguments): Promise<OrderOutcome> {
  const account = accountOf(state, news);
  if (state.orderUrl === undefined || account === undefined) return FOREIGN;
  return orderOutcomes.get(state.orderUrl, account, news.useRenewalInfo !== false);
}

/** Finds out what became of the order, once; later it asks when to renew, at the pace that the CA set. */
export async function read(state: OrderState, reporter: Reporter): Promise<Properties> {
  const settings = state.__arguments;
  if (settings === undefined || state.orderUrl === undefined || state.death !== undefined) {
    return asProperties(state);
  }
  const certificate = ownCertificate(state);
  if (certificate !== undefined) {
    return asProperties(await withFreshRenewalInfo(state, settings, certificate, reporter));
  }
  reporter.progress("asks the CA what became of the order");
  const outcome = await fetchOutcome(state, settings);
  if (outcome.kind === "unknown") reporter.warn(`${outcome.reason}: the order's state is kept`);
  // The account may have a new key, which only the program knows: `up` looks again.
  if (outcome.kind === "dead" && outcome.refused === true) return asProperties(state);
  return asProperties(withOutcome(state, outcome, settings));
}

async function withFreshRenewalInfo(
  state: OrderState,
  settings: OrderArguments,
  certificate: NonNullable<OrderState["certificate"]>,
  reporter: Reporter,
): Promise<OrderState> {
  const { certId } = certificate;
  const former = state.renewalInfo;
  const now = Date.now();
  // RFC 9773 §4.3: polling stops when the certificate has expired.
  const isPolled =
    certId !== undefined &&
    former !== undefined &&
    settings.useRenewalInfo !== false &&
    now >= Date.parse(former.nextCheckAt) &&
    now <= Date.parse(certificate.notAfter);
  if (!isPolled) return state;
  reporter.progress("asks the CA when to renew");
  const renewalInfo = await interruptible((interrupted) =>
    withDeadline("renewal information", RENEWAL_INFO_TIMEOUT_MS, interrupted, (signal) =>
      fetchRenewalInfo(clientFor(settings.account), certId, signal),
    ),
  ).catch(() => undefined);
  if (renewalInfo === undefined) return state;
  return { ...state, renewalInfo, renewAt: renewAt(certificate, settings, renewalInfo) };
}

/** The first order, or what the user asked for: a failure is one, and what was reached is kept. */
async function orderOrFail(
  state: OrderState,
  news: OrderArguments,
  name: string | undefined,
  reporter: Reporter,
): Promise<Properties> {
  try {
    return await orderAndKeep(state, news, name, reporter, { isRenewal: false });
  } catch (error) {
    if (!(error instanceof OrderFailure)) throw error;
    const { placed, refusal } = error;
    throw new PartialFailure(error.message, asProperties({ ...state, placed, refusal }), {
      cause: error,
    });
  }
}

/** In place of an order that is dead, or because it is time: a failure is a warning while enough validity is left. */
async function renew(
  state: OrderState,
  news: OrderArguments,
  name: string | undefined,
  reporter: Reporter,
): Promise<Properties> {
  // An order that died has failed: the one after the next waits.
  const lastFailure = state.death === undefined ? state.lastFailure : failed(state, state.death);
  try {
    return await orderAndKeep(state, news, name, reporter, { isRenewal: true, lastFailure });
  } catch (error) {
    if (!(error instanceof OrderFailure)) throw error;
    const { message, placed, refusal } = error;
    const retryAt = refusal === undefined ? undefined : Date.parse(refusal.retryAt);
    const failure = failed(state, message, retryAt);
    const kept = asProperties({ ...state, placed, refusal, lastFailure: failure });
    const { certificate } = state;
    const now = Date.now();
    if (certificate === undefined || !isTolerated(certificate, news, now))
      throw new PartialFailure(message, kept, { cause: error });
    const left = Date.parse(certificate.notAfter) - now;
    reporter.warn(
      `the renewal failed, and is tried again after ${failure.nextAttemptAt}; ${describeSpan(left)} of validity left: ${message}`,
    );
    return kept;
  }
}

function failed(state: OrderState, message: string, retryAt?: number): LastFailure {
  const now = Date.now();
  const failures = (state.lastFailure?.failures ?? 0) + 1;
  return {
    at: instant(now),
    message,
    nextAttemptAt: instant(nextAttempt(now, failures, retryAt)),
    failures,
  };
}

async function orderAndKeep(
  state: OrderState,
  news: OrderArguments,
  name: string | undefined,
  reporter: Reporter,
  kept: Pick<OrderState, "isRenewal" | "lastFailure">,
): Promise<Properties> {
  const order = await interruptible((signal) => placeOrder(state, news, name, reporter, signal));
  orderOutcomes.forget(order.orderUrl);
  return asProperties({
    ...order,
    ...kept,
    ...settingsOf(news),
    // The certificate of the order before: until there is another, it is the one that is in use.
    certificate: state.certificate,
  });
}

/** An update that failed and is not wanted any more leaves nothing behind; a renewal that failed goes on later. */
function withoutTakenBack(state: OrderState): OrderState {
  return state.lastFailure === undefined
    ? { ...state, placed: undefined, refusal: undefined }
    : state;
}

/** The settings of `news` for the order that is there. */
function adjusted(state: OrderState, news: OrderArguments): OrderState {
  const certificate = ownCertificate(state);
  return {
    ...state,
    ...settingsOf(news),
    renewAt: certificate === undefined ? undefined : renewAt(certificate, news, state.renewalInfo),
  };
}

/** The arguments, and those of them that make the resource an order reference. */
function settingsOf(news: OrderArguments): OrderState {
  const { dnsNames, challenge, profile, renewBefore, useRenewalInfo } = news;
  return { __arguments: news, dnsNames, challenge, profile, renewBefore, useRenewalInfo };
}

function asProperties(state: OrderState): Properties {
  return { ...state };
}
