/** Asking the CA when to renew. */
import type { AccountReference } from "../../issuance/arguments";
import { clientFor } from "../../issuance/clients";
import { fetchRenewalInfo, type StoredRenewalInfo } from "../../issuance/renewal-info";
import { withDeadline } from "../../util/abort";
import { interruptible } from "../engine/interruption";

const TIMEOUT_MS = 10_000;

/** `undefined` where the CA says nothing, or does not answer in time. */
export async function askRenewalInfo(
  ca: Pick<AccountReference, "directoryUrl" | "caBundlePem">,
  certId: string | undefined,
): Promise<StoredRenewalInfo | undefined> {
  return interruptible((interrupted) =>
    withDeadline("renewal information", TIMEOUT_MS, interrupted, (signal) =>
      fetchRenewalInfo(clientFor(ca), certId, signal),
    ),
  ).catch(() => undefined);
}

/** Whether the CA's own interval has passed. RFC 9773 §4.3: polling stops when the certificate has expired. */
export function mayAskAgain(
  former: StoredRenewalInfo | undefined,
  notAfter: string,
  now: number,
): boolean {
  const isEarly = former !== undefined && now < Date.parse(former.nextCheckAt);
  return !isEarly && now <= Date.parse(notAfter);
}
