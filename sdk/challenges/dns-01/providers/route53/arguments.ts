/** The arguments of `route53`. */
import * as v from "valibot";

import { nonEmpty, object, secret, webUrl } from "../../../../schema/builders";

export const route53Arguments = object({
  /** Default: the public zone found by the names, from each upwards. */
  hostedZoneId: v.optional(nonEmpty),
  /** Default: the SDK's; Route 53 itself is in one place for all regions. */
  region: v.optional(nonEmpty),
  /** Default: the SDK's credential chain: environment, profiles, SSO, instance roles. */
  accessKeyId: v.optional(nonEmpty),
  secretAccessKey: v.optional(secret(nonEmpty)),
  sessionToken: v.optional(secret(nonEmpty)),
  profile: v.optional(nonEmpty),
  endpoint: v.optional(webUrl),
});

export type Route53Arguments = v.InferOutput<typeof route53Arguments>;
