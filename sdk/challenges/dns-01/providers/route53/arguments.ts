/** The arguments of `route53`. */
import * as v from "valibot";

import { nonEmpty, object } from "../../../../schema/builders";
import { credential, secretCredential, serviceUrl } from "../../../../schema/credentials";

export const route53Arguments = object({
  /** Default: the public zone found by the names, from each upwards. */
  hostedZoneId: v.optional(nonEmpty),
  /** Default: the SDK's; Route 53 itself is in one place for all regions. */
  region: v.optional(nonEmpty),
  /** Default: the SDK's credential chain: environment, profiles, SSO, instance roles. */
  accessKeyId: v.optional(credential),
  secretAccessKey: v.optional(secretCredential),
  sessionToken: v.optional(secretCredential),
  profile: v.optional(nonEmpty),
  endpoint: v.optional(serviceUrl("accessKeyId and secretAccessKey")),
});

export type Route53Arguments = v.InferOutput<typeof route53Arguments>;
