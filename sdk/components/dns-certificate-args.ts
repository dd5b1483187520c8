/** Arguments of the component `DnsCertificate`. */
import type * as pulumi from "@pulumi/pulumi";

import type { AcmeCertificateArgs } from "../resources/acme-certificate-args";
import type { DnsChallengeRecord, DnsChallengeRecordSet } from "../resources/challenge-records";
import type { OneOf } from "../resources/one-of";

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

/**
 * Creates all TXT records of one name, with a DNS provider that has record sets.
 *
 * @param set - `set.key` is a name for the resource; `set.values` are known once the order is placed
 * @param opts - pass it to the record set, which becomes a child of the component
 */
export type CreateRecordSet = (
  set: DnsChallengeRecordSet,
  opts: pulumi.CustomResourceOptions,
) => pulumi.Resource;

/** How a `DnsCertificate` creates its records: exactly one of these. */
export interface RecordCreators {
  /** Called once for each name. Records of `pulumi-acme/cloudflare`: `cloudflareRecords({ zoneId })`. */
  createRecord: CreateRecord;
  /**
   * Called once for each record name: a name and its wildcard share a set. Record sets of `pulumi-acme/route53`:
   * `route53Records({ zoneId })`.
   */
  createRecordSet: CreateRecordSet;
}

/** What an order leaves to it, or cannot have. */
type NotWithAnOrder =
  "dnsNames" | "solvers" | "order" | "ipAddresses" | "certificateRequestPem" | "fallbackAccounts";

/** Arguments of a {@link DnsCertificate} besides how it creates its records. */
export interface DnsCertificateSettings extends Omit<AcmeCertificateArgs, NotWithAnOrder> {
  /** DNS names, in Unicode or punycode, any case. Plain strings, because the records are created from them. */
  dnsNames: readonly string[];
}

/** Arguments of a {@link DnsCertificate}: those of an `AcmeCertificate`, without the solvers. */
export type DnsCertificateArgs = DnsCertificateSettings & OneOf<RecordCreators>;
