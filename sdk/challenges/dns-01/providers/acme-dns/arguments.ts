/** The arguments of `acmeDns`: what a registration at the server gave. */
import type * as v from "valibot";

import { nonEmpty, object } from "../../../../schema/builders";
import { credential, secretCredential, serviceUrl } from "../../../../schema/credentials";

export const acmeDnsArguments = object({
  url: serviceUrl("username and password"),
  username: credential,
  password: secretCredential,
  /** The first label of the CNAME's target. */
  subdomain: nonEmpty,
});

export type AcmeDnsArguments = v.InferOutput<typeof acmeDnsArguments>;
