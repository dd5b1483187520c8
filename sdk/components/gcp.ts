/**
 * `pulumi-acme/gcp`: the record sets of a `DnsCertificate` as resources of `@pulumi/gcp`.
 *
 * A separate entry point, because that package is an optional peer dependency. Of its modules one alone is loaded:
 * the index of the package takes long.
 *
 * @packageDocumentation
 */
import * as dns from "@pulumi/gcp/dns";
import type * as pulumi from "@pulumi/pulumi";

import { quoted } from "../challenges/dns-01/services/txt";
import type { CreateRecordSet } from "./dns-certificate-args";

/** Options of {@link gcpRecords}. */
export interface GcpRecordsOptions {
  /** Name of the managed zone (not its DNS name). All names of the certificate must be in this zone. */
  managedZone: pulumi.Input<string>;
  /** The project that the zone is in. Default: the provider's. */
  project?: pulumi.Input<string>;
  /** TTL in seconds. Default: 60. */
  ttl?: pulumi.Input<number>;
}

/**
 * `createRecordSet` of a `DnsCertificate`, for Google Cloud DNS: one `gcp.dns.RecordSet` for each record name. Credentials are
 * those of the provider `@pulumi/gcp`.
 */
export function gcpRecords({ managedZone, project, ttl = 60 }: GcpRecordsOptions): CreateRecordSet {
  return ({ key, name, type, values }, opts) => {
    const rrdatas = values.apply((texts) => texts.map(quoted));
    return new dns.RecordSet(
      key,
      { managedZone, project, name: `${name}.`, type, ttl, rrdatas },
      opts,
    );
  };
}
