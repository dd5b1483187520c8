/** The handler of `AcmeOrder`: challenges as data for the user's own resources. */
import type { OrderArguments } from "../../issuance/arguments";
import { defineResource } from "../engine/resource";
import { checkOrder } from "./check";
import { decideOrder, decideWithOutcome, type OrderDecision } from "./decide";
import type { OrderState } from "./state";

const operations = () => import("./operations.js");

export const orderHandler = defineResource<OrderArguments, OrderState, OrderDecision>({
  check: checkOrder,
  /** No network, but for one look at an order whose outcome the state does not know. */
  async decide(state, args, now) {
    const decision = decideOrder(state, args, now);
    if (decision.action !== "look") return decision;
    const { fetchOutcome } = await operations();
    return decideWithOutcome(state, await fetchOutcome(state, args), args, Date.now());
  },
  operations,
  // An order cannot be taken back; a CA forgets it. So a destroy does not need the CA.
  needsDelete: () => false,
});
