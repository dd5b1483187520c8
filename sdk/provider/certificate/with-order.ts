/** What an `AcmeCertificate` with `order` leaves to the order. Pure. */
import { asSet, normalizeDnsName } from "../../util/names";
import type { CheckFailure, Properties } from "../engine/handler";
import { hasUnknown, isRecord, isUnknown } from "../engine/wire";

/** What the certificate says of its order's names and profile must be what the order says. */
export function contradictionsOfOrder(written: Properties): CheckFailure[] {
  const { order } = written;
  if (!isRecord(order)) return [];
  const failures: CheckFailure[] = [];
  const { dnsNames, profile } = written;
  const names = [namesIn(dnsNames), namesIn(order["dnsNames"])];
  if (names[0] !== undefined && names[1] !== undefined && names[0] !== names[1]) {
    const reason = "are not the order's names; leave them out, or give both the same";
    failures.push({ path: "dnsNames", reason });
  }
  if (profile !== undefined && !hasUnknown([profile, order["profile"]])) {
    const reason = "is not the order's; give it to the AcmeOrder";
    if (profile !== order["profile"]) failures.push({ path: "profile", reason });
  }
  return failures;
}

/** A list of names as one text, as long as all of it is known and right. */
function namesIn(value: unknown): string | undefined {
  if (!Array.isArray(value) || hasUnknown(value)) return undefined;
  const names = (value as string[]).map(normalizeDnsName);
  const known = names.flatMap((name) => ("value" in name ? [name.value] : []));
  return known.length === names.length ? asSet(known).join() : undefined;
}

/** The arguments with what the order decides: whoever reads them need not know where it came from. */
export function withOrder(written: Properties): Properties {
  const { order } = written;
  // Nothing is known of it in this preview: neither are its names.
  if (isUnknown(order)) return { ...written, dnsNames: written["dnsNames"] ?? order };
  if (!isRecord(order)) return written;
  const { dnsNames, renewBefore, useRenewalInfo } = order;
  const ofOrder = { dnsNames, renewBefore, useRenewalInfo, profile: undefined };
  // A request brings its names itself; that they are the order's is seen when it is read.
  const named = written["certificateRequestPem"] === undefined;
  return { ...written, ...ofOrder, dnsNames: named ? dnsNames : written["dnsNames"] };
}
