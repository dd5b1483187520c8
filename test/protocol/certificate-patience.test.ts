/** `AcmeCertificate`'s handler at a CA that asks for patience: nothing is sent before the time that `Retry-After` names. */
import { expect, it } from "vitest";

import { handler, startCa } from "../support/ca/certificate-strict";
import { withHeaders } from "../support/ca/strict";
import {
  problem,
  type EndpointName,
  type StrictResponse,
  type StrictServer,
} from "../support/ca/strict-server";

const ENDPOINTS: readonly EndpointName[] = [
  "newOrder",
  "authorization",
  "challenge",
  "finalize",
  "order",
  "certificate",
];

type Change = (response: StrictResponse) => StrictResponse;

/** Changes the first answer of `endpoint`; gives how long it took from there to the next request. */
function pauseAfter(ca: StrictServer, endpoint: EndpointName, change: Change): () => number {
  const times: number[] = [];
  let changedAt = Number.NaN;
  for (const name of ENDPOINTS) {
    ca.on(name, "every", (response) => {
      const now = Date.now();
      if (name !== endpoint || !Number.isNaN(changedAt)) {
        times.push(now);
        return response;
      }
      changedAt = now;
      return change(response);
    });
  }
  return () => Math.min(...times.filter((time) => time >= changedAt)) - changedAt;
}

const told: Change = (response) => withHeaders(response, { "retry-after": "2" });
const busy = (status: number): Change => {
  return () => problem(status, { type: "serverInternal", detail: "busy" }, { "retry-after": "2" });
};

const CASES: [string, EndpointName, Change][] = [
  ["the answer to a challenge", "challenge", told],
  ["a 500 to a challenge", "challenge", busy(500)],
  ["the answer to finalize", "finalize", told],
  ["a 500 to finalize", "finalize", busy(500)],
  ["a 500 to a look at the order", "order", busy(500)],
  ["a 500 to a new order", "newOrder", busy(500)],
  ["a 502 to the download", "certificate", busy(502)],
];

it.each(CASES)(
  "Retry-After in %s is obeyed before the next request",
  async (what, name, change) => {
    const { ca, asked } = await startCa({
      processingLooks: 1,
      pendingLooks: what.includes("pending") ? 1 : 0,
    });
    const pause = pauseAfter(ca, name, change);
    const { outs } = await handler.create(
      asked({ dnsNames: ["a.example"], useRenewalInfo: false }),
    );
    expect(outs["fullchainPem"]).toBeDefined();
    expect(pause()).toBeGreaterThanOrEqual(1950);
    ca.assertNoDeviations();
  },
);
