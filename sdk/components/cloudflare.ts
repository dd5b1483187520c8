/**
 * `pulumi-acme/cloudflare`: the records of a `DnsCertificate` as resources of `@pulumi/cloudflare`.
 *
 * An entry point of its own, because that package is an optional one.
 *
 * @packageDocumentation
 */
import * as cloudflare from "@pulumi/cloudflare";
import type * as pulumi from "@pulumi/pulumi";

import type { CreateRecord } from "./dns-certificate-args";

/** Where {@link cloudflareRecords} makes its records. */
export interface CloudflareRecordsOptions {
  /** The zone's identifier at Cloudflare. All names of the certificate lie in this zone. */
  zoneId: pulumi.Input<string>;
  /** Seconds; 1 leaves it to Cloudflare. Default: 60. */
  ttl?: pulumi.Input<number>;
}

/**
 * `createRecord` of a `DnsCertificate`, for Cloudflare: one `cloudflare.DnsRecord` for each name. Credentials are those of
 * the provider `@pulumi/cloudflare`; a token needs Zone:DNS:Edit for the zone.
 */
export function cloudflareRecords({ zoneId, ttl = 60 }: CloudflareRecordsOptions): CreateRecord {
  return ({ key, name, type, value }, opts) =>
    new cloudflare.DnsRecord(key, { zoneId, name, type, content: value, ttl }, opts);
}
