/**
 * `pulumi-acme/digitalocean`: the records of a `DnsCertificate` as resources of `@pulumi/digitalocean`.
 *
 * A separate entry point, because that package is an optional peer dependency.
 *
 * @packageDocumentation
 */
import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";

import type { CreateRecord } from "./dns-certificate-args";
import { relativeTo } from "./relative-name";

/** Options of {@link digitaloceanRecords}. */
export interface DigitaloceanRecordsOptions {
  /** The domain at DigitalOcean, such as `example.com`. All names of the certificate must be in it. */
  domain: pulumi.Input<string>;
  /** TTL in seconds. Default: 60. */
  ttl?: pulumi.Input<number>;
}

/**
 * `createRecord` of a `DnsCertificate`, for DigitalOcean: one `digitalocean.DnsRecord` for each name. Credentials are those of
 * the provider `@pulumi/digitalocean`.
 */
export function digitaloceanRecords(options: DigitaloceanRecordsOptions): CreateRecord {
  const { domain, ttl = 60 } = options;
  return ({ key, name, type, value }, opts) =>
    new digitalocean.DnsRecord(
      key,
      {
        domain,
        name: pulumi.output(domain).apply((apex) => relativeTo(apex, name)),
        type,
        value,
        ttl,
      },
      opts,
    );
}
