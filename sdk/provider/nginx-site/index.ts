/**
 * The handler of `NginxSite`: decides by state and arguments, and lets the layers below do it.
 *
 * `check` and `diff` load nothing heavy; the others load `nginx-site-operations.ts`.
 */
import type { Handler, Properties } from "../engine/handler";
import { siteArguments, siteState } from "./state";
import { checkNginxSite } from "./check";
import { decideNginxSite } from "./decide";
import type { Context } from "./operations";
import { reporterFor } from "../engine/progress";
import { secret } from "../engine/wire";

const operations = () => import("./operations.js");

export const nginxSiteHandler: Handler = {
  check: (_olds, news) => Promise.resolve(checkNginxSite(news)),

  diff(_id, olds, news) {
    const state = siteState(olds);
    if (state === undefined) return Promise.resolve({ changes: true });
    const decision = decideNginxSite(state, siteArguments(news));
    if (decision.action === "none") return Promise.resolve({ changes: false });
    reporterFor(news["__urn"]).info(decision.reason);
    const { replaces } = decision;
    return Promise.resolve({ changes: true, ...(replaces === undefined ? {} : { replaces }) });
  },

  async create(inputs) {
    const { create } = await operations();
    return { outs: hide(inputs, await create(siteArguments(inputs), contextOf(inputs))) };
  },

  async update(_id, olds, news) {
    const { create, takeOver, update } = await operations();
    const args = siteArguments(news);
    const state = siteState(olds);
    const context = contextOf(news);
    if (state === undefined) return { outs: hide(news, await create(args, context)) };
    const settingsAlone = decideNginxSite(state, args).action === "settings";
    return {
      outs: hide(news, settingsAlone ? takeOver(state, args) : await update(state, args, context)),
    };
  },

  async read(id, props) {
    const state = siteState(props);
    if (state === undefined) return { id, props };
    const { read } = await operations();
    return { id, props: await read(state, contextOf(props)) };
  },

  async delete(_id, props) {
    const state = siteState(props);
    if (state === undefined) return;
    const { remove } = await operations();
    await remove(state, contextOf(props));
  },
};

/** The engine hides what has a secret argument's name; that secrets went into the text only the class knows. */
function hide(inputs: Properties, outs: Properties): Properties {
  return inputs["__secretConfig"] === true ? { ...outs, config: secret(outs["config"]) } : outs;
}

function contextOf(inputs: Properties): Context {
  const urn = inputs["__urn"];
  return { reporter: reporterFor(urn), urn: typeof urn === "string" ? urn : undefined };
}
