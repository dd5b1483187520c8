/** What becomes of an order whose certificate is of no use: another order, or the same one once more. Pure. */
import { AcmeProblemError, type Order } from "../acme";
import { instant } from "../util/instant";
import { CertificateError } from "../x509/pem";
import type { Checkpoint } from "./request";

/** Let's Encrypt issues five certificates a week for the same names. */
const REPLACED_AFTER_MS = 2 * 86_400_000;

/** The order is valid, and its certificate cannot be had or used. */
export class UnfitError extends Error {
  override readonly name = "UnfitError";
  readonly order: Order;
  override readonly cause: unknown;

  constructor(order: Order, cause: Error) {
    super(cause.message);
    this.order = order;
    this.cause = cause;
  }
}

/**
 * Whether another order may bring what this one did not: where somebody else finalized it, where its certificate has
 * expired since, or is gone. What the CA made of our own request, it would make of the next one as well: then the order is
 * kept, asked again in every run, and replaced after two days.
 */
export function isReplaced(
  { order, cause }: UnfitError,
  former: Checkpoint | undefined,
  now: number,
): boolean {
  if (order.tookRequest === true || former?.orderUrl !== order.url) return false;
  if (former.unfitSince !== undefined) {
    return now - Date.parse(former.unfitSince) >= REPLACED_AFTER_MS;
  }
  return (
    cause instanceof AcmeProblemError || (cause instanceof CertificateError && cause.isMismatch)
  );
}

/** What the next run has to know of the order; `undefined` where it may replace it at once. */
export function unfitCheckpoint(
  { order }: UnfitError,
  former: Checkpoint | undefined,
  now: number,
): (Checkpoint & { readonly unfitSince: string }) | undefined {
  const isFormer = former?.orderUrl === order.url;
  if (!isFormer && order.tookRequest !== true) return undefined;
  const unfitSince = (isFormer ? former.unfitSince : undefined) ?? instant(now);
  return { orderUrl: order.url, certificateUrl: order.certificate, unfitSince };
}

/** Says why no other order is placed, and how to have one. */
export function explainKept({ message }: UnfitError, unfitSince: string): string {
  const until = instant(Date.parse(unfitSince) + REPLACED_AFTER_MS);
  return `${message} (another order would most likely show the same: until ${until} the next runs ask again for this certificate; a change of triggers orders anew at once)`;
}
