/** Asking the CA when to renew. */
import type { AccountReference } from "../../issuance/arguments";
import { clientFor } from "../../issuance/clients";
import {
  fetchRenewalInfo,
  type RenewalAdvice,
  type StoredRenewalInfo,
} from "../../issuance/renewal-info";
import { withDeadline } from "../../util/abort";
import { instant } from "../../util/instant";
import { interruptible } from "../engine/interruption";

const TIMEOUT_MS = 10_000;
/** As RFC 9773 §4.3.3 advises after a failure. */
const PAUSE_MS = 6 * 3_600_000;

/** What the CA says; one that does not answer in time is asked again in six hours. */
export async function askRenewalInfo(
  ca: Pick<AccountReference, "directoryUrl" | "caBundlePem">,
  certId: string | undefined,
): Promise<RenewalAdvice> {
  return interruptible((interrupted) =>
    withDeadline("renewal information", TIMEOUT_MS, interrupted, (signal) =>
      fetchRenewalInfo(clientFor(ca), certId, signal),
    ),
  ).catch(() => ({ askAgainAt: instant(Date.now() + PAUSE_MS) }));
}

/** Whether the CA's own interval has passed. RFC 9773 §4.3: polling stops when the certificate has expired. */
export function mayAskAgain(
  former: StoredRenewalInfo | undefined,
  askAgainAt: string | undefined,
  notAfter: string,
  now: number,
): boolean {
  const isEarly = [former?.nextCheckAt, askAgainAt].some(
    (earliest) => earliest !== undefined && now < Date.parse(earliest),
  );
  return !isEarly && now <= Date.parse(notAfter);
}
