/** The arguments of `acmeDns`: what a registration at the server gave. */
import type * as v from "valibot";

import { nonEmpty, object, secret, webUrl } from "../../../../schema/builders";

export const acmeDnsArguments = object({
  url: webUrl,
  username: nonEmpty,
  password: secret(nonEmpty),
  /** The first label of the CNAME's target. */
  subdomain: nonEmpty,
});

export type AcmeDnsArguments = v.InferOutput<typeof acmeDnsArguments>;
