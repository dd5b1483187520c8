/**
 * `pulumi-acme/route53`: the record sets of a `DnsCertificate` as resources of `@pulumi/aws`.
 *
 * A separate entry point, because that package is an optional peer dependency. Of its modules one alone is loaded:
 * the index of the package takes seconds.
 *
 * @packageDocumentation
 */
import * as route53 from "@pulumi/aws/route53";
import type * as pulumi from "@pulumi/pulumi";

import type { CreateRecordSet } from "./dns-certificate-args";

/** Options of {@link route53Records}. */
export interface Route53RecordsOptions {
  /** The hosted zone's identifier. All names of the certificate must be in this zone. */
  zoneId: pulumi.Input<string>;
  /** TTL in seconds. Default: 60. */
  ttl?: pulumi.Input<number>;
}

/**
 * `createRecordSet` of a `DnsCertificate`, for Amazon Route 53: one `aws.route53.Record` for each record name. Credentials
 * are those of the provider `@pulumi/aws`.
 */
export function route53Records({ zoneId, ttl = 60 }: Route53RecordsOptions): CreateRecordSet {
  // The provider puts texts in quotation marks by itself.
  return ({ key, name, type, values }, opts) =>
    new route53.Record(key, { zoneId, name, type, ttl, records: values }, opts);
}
