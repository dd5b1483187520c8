/**
 * The handler of `AcmeCertificate`: decides by state, arguments and clock, and lets the layers below do it.
 *
 * `check` and `diff` load nothing heavy; the others load `certificate-operations.ts`.
 */
import { checkCertificate } from "./check";
import { decide } from "./decide";
import { certificateArguments, certificateState } from "./state";
import type { Handler } from "../engine/handler";
import { reporterFor } from "../engine/progress";

const operations = () => import("./operations.js");

export const certificateHandler: Handler = {
  check: (_olds, news) => Promise.resolve(checkCertificate(news)),

  diff(_id, olds, news) {
    const decision = decide(certificateState(olds), certificateArguments(news), Date.now());
    if (decision.action === "none") return Promise.resolve({ changes: false });
    reporterFor(news["__urn"]).info(decision.reason);
    return Promise.resolve({ changes: true });
  },

  async create(inputs) {
    const { create } = await operations();
    const state = await create(certificateArguments(inputs), reporterFor(inputs["__urn"]));
    return { outs: { ...state } };
  },

  async update(_id, olds, news) {
    const { update } = await operations();
    const reporter = reporterFor(news["__urn"]);
    const state = await update(certificateState(olds), certificateArguments(news), reporter);
    return { outs: { ...state } };
  },

  async read(id, props) {
    const { read } = await operations();
    const state = await read(certificateState(props), reporterFor(props["__urn"]));
    return { id, props: { ...state } };
  },

  async delete(_id, props) {
    const state = certificateState(props);
    // A destroy that revokes nothing must not need the CA.
    if (state.__arguments?.revokeOnDestroy !== true) return;
    const { revoke } = await operations();
    await revoke(state, reporterFor(props["__urn"]));
  },
};
