/**
 * `pulumi-acme/cloudflare`: the records of a `DnsCertificate` as resources of `@pulumi/cloudflare`.
 *
 * A separate entry point, because that package is an optional peer dependency.
 *
 * @packageDocumentation
 */
import * as cloudflare from "@pulumi/cloudflare";
import type * as pulumi from "@pulumi/pulumi";

import type { CreateRecord } from "./dns-certificate-args";

/** Options of {@link cloudflareRecords}. */
export interface CloudflareRecordsOptions {
  /** The zone's identifier at Cloudflare. All names of the certificate must be in this zone. */
  zoneId: pulumi.Input<string>;
  /** TTL in seconds; 1 is Cloudflare's automatic TTL. Default: 60. */
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
