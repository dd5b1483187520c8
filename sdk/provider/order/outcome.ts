/** What became of an order, and what that changes in the state. Pure. */
import { renewAt } from "../certificate/results";
import type { RenewalInfoState } from "../certificate/state";
import type { OrderArguments, OrderedCertificate, OrderState } from "./state";
import { knownOr } from "../engine/wire";

export type OrderOutcome =
  /** It can still lead to a certificate. */
  | { readonly kind: "open"; readonly status: string; readonly expires?: string }
  | {
      readonly kind: "issued";
      readonly certificate: OrderedCertificate;
      readonly renewalInfo?: RenewalInfoState;
    }
  | {
      readonly kind: "dead";
      readonly reason: string;
      /** The CA refused the account, which may have another key by now. */
      readonly refused?: boolean;
    }
  /** The CA could not be asked. */
  | { readonly kind: "unknown"; readonly reason: string };

/** `state` with what was learnt, by the settings of `news`; in preview they may hold unknowns. */
export function withOutcome(
  state: OrderState,
  fate: OrderOutcome,
  news: OrderArguments,
): OrderState {
  switch (fate.kind) {
    case "open":
      return { ...state, status: fate.status, expires: fate.expires ?? state.expires };
    case "dead":
      return { ...state, status: "invalid", death: fate.reason };
    case "issued": {
      const { certificate, renewalInfo } = fate;
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
