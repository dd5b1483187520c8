/** What became of an order, and what that changes in the state. Pure. */
import type { AccountReference, OrderArguments } from "../../issuance/arguments";
import type { OrderOutcome } from "../../issuance/order-outcome";
import { renewAt } from "../certificate/results";
import { hasUnknown, knownOr } from "../engine/wire";
import type { OrderState } from "./state";

/** `state` with what was learnt, by the settings of `news`; in preview they may hold unknowns. */
export function withOutcome(
  state: OrderState,
  outcome: OrderOutcome,
  news: OrderArguments,
): OrderState {
  switch (outcome.kind) {
    case "open":
      return { ...state, status: outcome.status, expires: outcome.expires ?? state.expires };
    case "dead":
      return { ...state, status: "invalid", death: outcome.reason };
    case "issued": {
      const { certificate, renewalInfo } = outcome;
      const { useRenewalInfo } = news;
      const renewBefore = knownOr(news.renewBefore, state.__arguments?.renewBefore);
      return {
        ...state,
        status: "valid",
        certificate,
        renewalInfo,
        renewAt: renewAt(certificate, { renewBefore, useRenewalInfo }, renewalInfo),
        lastFailure: undefined,
      };
    }
    case "unknown":
      return state;
  }
}

/** Who may ask for the order: the account as it is now, or as it was when it placed the order. */
export function accountOf(state: OrderState, news: OrderArguments): AccountReference | undefined {
  const candidates = [news.account, state.__arguments?.account];
  return candidates.find(
    (account) =>
      account !== undefined && !hasUnknown(account) && account.accountUrl === state.orderedBy,
  );
}
