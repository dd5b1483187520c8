/**
 * The handler of `AcmeOrder`: challenges as data for the user's own resources.
 *
 * `check` and `diff` load nothing heavy, but for the one look at an order whose outcome the state does not know.
 */
import { checkOrder } from "./check";
import { decideWithOutcome, decideOrder } from "./decide";
import { orderArguments, orderState } from "./state";
import type { Handler } from "../engine/handler";
import { reporterFor } from "../engine/progress";

const operations = () => import("./operations.js");

export const orderHandler: Handler = {
  check: (_olds, news) => Promise.resolve(checkOrder(news)),

  async diff(_id, olds, news) {
    const state = orderState(olds);
    const wanted = orderArguments(news);
    let decision = decideOrder(state, wanted, Date.now());
    if (decision.action === "look") {
      const { fetchOutcome } = await operations();
      const outcome = await fetchOutcome(state, wanted);
      decision = decideWithOutcome(state, outcome, wanted, Date.now());
    }
    if (decision.action === "none" || decision.action === "look") return { changes: false };
    reporterFor(news["__urn"]).info(decision.reason);
    return { changes: true };
  },

  async create(inputs) {
    const { create } = await operations();
    const urn = inputs["__urn"];
    const state = await create(orderArguments(inputs), nameIn(urn), reporterFor(urn));
    return { outs: { ...state } };
  },

  async update(_id, olds, news) {
    const { update } = await operations();
    const urn = news["__urn"];
    const wanted = orderArguments(news);
    const state = await update(orderState(olds), wanted, nameIn(urn), reporterFor(urn));
    return { outs: { ...state } };
  },

  async read(id, props) {
    const { read } = await operations();
    const state = await read(orderState(props), reporterFor(props["__urn"]));
    return { id, props: { ...state } };
  },

  /** An order cannot be taken back; a CA forgets it. So a destroy does not need the CA. */
  delete: () => Promise.resolve(),
};

/** The resource's name, which the keys of its challenges begin with: `urn:pulumi:stack::project::type::name`. */
function nameIn(urn: unknown): string | undefined {
  return typeof urn === "string" ? urn.split("::").slice(3).join("::") : undefined;
}
