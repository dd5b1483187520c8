/** Arguments of the component `DnsCertificate`. */
import type * as pulumi from "@pulumi/pulumi";

import type { AcmeCertificateArgs } from "../resources/acme-certificate-args";
import type { DnsChallengeRecord } from "../resources/challenge-records";

/**
 * Creates the TXT record of one name with your DNS provider.
 *
 * @param record - `record.key` is a name for the resource; `record.value` is known once the order is placed
 * @param opts - pass it to the record, which becomes a child of the component
 */
export type CreateRecord = (
  record: DnsChallengeRecord,
  opts: pulumi.CustomResourceOptions,
) => pulumi.Resource;

/** What an order leaves to it, or cannot have. */
type NotWithAnOrder =
  "dnsNames" | "solvers" | "order" | "ipAddresses" | "certificateRequestPem" | "fallbackAccounts";

/** Arguments of a {@link DnsCertificate}: those of an `AcmeCertificate`, without the solvers. */
export interface DnsCertificateArgs extends Omit<AcmeCertificateArgs, NotWithAnOrder> {
  /** DNS names, in Unicode or punycode, any case. Plain strings, because the records are created from them. */
  dnsNames: readonly string[];
  /** Called once for each name. Records of `pulumi-acme/cloudflare`: `cloudflareRecords({ zoneId })`. */
  createRecord: CreateRecord;
}
