/**
 * `pulumi-acme/hetzner`: the record sets of a `DnsCertificate` as resources of `@pulumi/hcloud`.
 *
 * A separate entry point, because that package is an optional peer dependency.
 *
 * @packageDocumentation
 */
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

import { quoted } from "../challenges/dns-01/services/txt";
import type { CreateRecordSet } from "./dns-certificate-args";
import { relativeTo } from "./relative-name";

/** Options of {@link hetznerRecords}. */
export interface HetznerRecordsOptions {
  /** Name of the zone at Hetzner, such as `example.com` (not its ID). All names of the certificate must be in it. */
  zone: pulumi.Input<string>;
  /** TTL in seconds. Default: 60. */
  ttl?: pulumi.Input<number>;
}

/**
 * `createRecordSet` of a `DnsCertificate`, for Hetzner's DNS in the Cloud Console: one `hcloud.ZoneRrset` for each record name.
 * Credentials are those of the provider `@pulumi/hcloud`.
 */
export function hetznerRecords({ zone, ttl = 60 }: HetznerRecordsOptions): CreateRecordSet {
  return ({ key, name, type, values }, opts) => {
    const records = values.apply((texts) => texts.map((text) => ({ value: quoted(text) })));
    return new hcloud.ZoneRrset(
      key,
      {
        zone,
        name: pulumi.output(zone).apply((apex) => relativeTo(apex, name)),
        type,
        ttl,
        records,
      },
      opts,
    );
  };
}
