/**
 * The handler of `AcmeAccount`: decides by state and arguments, and lets the layers below do it.
 *
 * `check` and `diff` load nothing heavy; the others load `account-operations.ts`.
 */
import { accountArguments } from "./arguments";
import { checkAccount } from "./check";
import { decideAccount } from "./decide";
import { accountState } from "./state";
import type { Handler } from "../engine/handler";
import { reporterFor } from "../engine/progress";

const operations = () => import("./operations.js");

export const accountHandler: Handler = {
  check: (_olds, news) => checkAccount(news),

  diff(_id, olds, news) {
    const decision = decideAccount(accountState(olds), accountArguments(news));
    if (decision.action === "none") return Promise.resolve({ changes: false });
    reporterFor(news["__urn"]).info(decision.reason);
    const replaces = decision.action === "replace" ? { replaces: ["directoryUrl"] } : {};
    return Promise.resolve({ changes: true, ...replaces });
  },

  async create(inputs) {
    const { create } = await operations();
    const outs = await create(accountArguments(inputs), reporterFor(inputs["__urn"]));
    return { outs };
  },

  async update(_id, olds, news) {
    const { update } = await operations();
    const reporter = reporterFor(news["__urn"]);
    return { outs: await update(accountState(olds), accountArguments(news), reporter) };
  },

  async read(id, props) {
    const { read } = await operations();
    return { id, props: await read(accountState(props), reporterFor(props["__urn"])) };
  },

  async delete(_id, props) {
    const state = accountState(props);
    // A destroy that deactivates nothing must not need the CA.
    if (state.__arguments.deactivateOnDestroy !== true || state.status !== "valid") return;
    const { deactivate } = await operations();
    await deactivate(state, reporterFor(props["__urn"]));
  },
};
