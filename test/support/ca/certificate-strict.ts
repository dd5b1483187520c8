/** `AcmeCertificate`'s handler and a strict server for the length of one test. */
import { expect, onTestFinished } from "vitest";

import type { AccountReference } from "../../../sdk/issuance/arguments";
import { certificateHandler } from "../../../sdk/provider/certificate";
import { guard, type Properties } from "../../../sdk/provider/engine/handler";
import { registerAccount } from "./acme-account";
import {
  problem,
  startStrictServer,
  type EndpointName,
  type StrictServer,
  type StrictServerOptions,
} from "./strict-server";

export const handler = guard(certificateHandler);

export type Failure = Error & { id?: string; properties?: Properties };

export const DAY = 86_400_000;

/** A CA with an account, and what a certificate there is asked for. */
export async function startCa(options: StrictServerOptions = {}): Promise<{
  ca: StrictServer;
  account: AccountReference;
  asked: (changes?: Properties) => Properties;
}> {
  const ca = await startStrictServer(options);
  onTestFinished(() => ca.stop());
  const account = await registerAccount(ca);
  const asked = (changes: Properties = {}): Properties => ({
    account,
    dnsNames: ["a.example", "b.example"],
    solvers: [{ http01: { stateless: true } }],
    preflight: false,
    ...changes,
  });
  return { ca, account, asked };
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const outcome: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Error);
  return outcome as Failure;
}

/** A refusal that no retry policy repeats: the CA is out of order for good, as far as this run goes. */
export function breakAt(ca: StrictServer, endpoint: EndpointName): void {
  ca.instead(endpoint, 1, () => problem(403, { type: "unauthorized", detail: "not today" }));
}

/** Issued for 90 days, and moved into the past until `left` milliseconds are left and the renewal is due. */
export async function dueCertificate(left: number, asked: Properties): Promise<Properties> {
  const { outs } = await handler.create(asked);
  const notAfter = Date.now() + left;
  const at = (time: number): string => new Date(time).toISOString();
  return {
    ...outs,
    notBefore: at(notAfter - 90 * DAY),
    notAfter: at(notAfter),
    renewAt: at(Date.now() - 1000),
  };
}
