/**
 * `pulumi-acme/azure`: the record sets of a `DnsCertificate` as resources of `@pulumi/azure-native`.
 *
 * A separate entry point, because that package is an optional peer dependency. Of its modules one alone is loaded:
 * the index of the package takes long.
 *
 * @packageDocumentation
 */
import * as dns from "@pulumi/azure-native/dns";
import * as pulumi from "@pulumi/pulumi";

import type { CreateRecordSet } from "./dns-certificate-args";
import { relativeTo } from "./relative-name";

/** Options of {@link azureRecords}. */
export interface AzureRecordsOptions {
  /** The resource group that the zone is in. */
  resourceGroupName: pulumi.Input<string>;
  /** Name of the DNS zone, such as `example.com`. All names of the certificate must be in this zone. */
  zoneName: pulumi.Input<string>;
  /** TTL in seconds. Default: 60. */
  ttl?: pulumi.Input<number>;
}

/**
 * `createRecordSet` of a `DnsCertificate`, for Azure DNS: one `azure_native.dns.RecordSet` for each record name. Credentials are
 * those of the provider `@pulumi/azure-native`.
 */
export function azureRecords(options: AzureRecordsOptions): CreateRecordSet {
  const { resourceGroupName, zoneName, ttl = 60 } = options;
  return ({ key, name, type, values }, opts) =>
    new dns.RecordSet(
      key,
      {
        resourceGroupName,
        zoneName,
        relativeRecordSetName: pulumi.output(zoneName).apply((apex) => relativeTo(apex, name)),
        recordType: type,
        ttl,
        // A record may be in several texts; this one is in one.
        txtRecords: values.apply((texts) => texts.map((text) => ({ value: [text] }))),
      },
      opts,
    );
}
