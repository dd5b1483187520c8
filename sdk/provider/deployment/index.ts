/**
 * The handler of `CertificateDeployment`: decides by state and arguments, and lets the layers below do it.
 *
 * `check` and `diff` load nothing heavy; the others load `deployment-operations.ts`.
 */
import { checkDeployment } from "./check";
import { decideDeployment } from "./decide";
import { deploymentArguments, deploymentState } from "./state";
import type { Handler } from "../engine/handler";
import { reporterFor } from "../engine/progress";

const operations = () => import("./operations.js");

export const deploymentHandler: Handler = {
  check: (olds, news) => Promise.resolve(checkDeployment(olds, news)),

  diff(_id, olds, news) {
    const decision = decideDeployment(deploymentState(olds), deploymentArguments(news));
    if (decision.action === "none") return Promise.resolve({ changes: false });
    reporterFor(news["__urn"]).info(decision.reason);
    const replaces = decision.action === "replace" ? { replaces: decision.replaces } : {};
    return Promise.resolve({ changes: true, ...replaces });
  },

  async create(inputs) {
    const { create } = await operations();
    const outs = await create(deploymentArguments(inputs), reporterFor(inputs["__urn"]));
    return { outs };
  },

  async update(_id, olds, news) {
    const { update } = await operations();
    const reporter = reporterFor(news["__urn"]);
    return { outs: await update(deploymentState(olds), deploymentArguments(news), reporter) };
  },

  async read(id, props) {
    const { read } = await operations();
    return { id, props: await read(deploymentState(props), reporterFor(props["__urn"])) };
  },

  async delete(_id, props) {
    const { remove } = await operations();
    await remove(deploymentState(props), reporterFor(props["__urn"]));
  },
};
