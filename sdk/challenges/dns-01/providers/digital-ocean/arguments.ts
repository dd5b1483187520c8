/** The arguments of `digitalOcean`. */
import * as v from "valibot";

import { nonEmpty, object } from "../../../../schema/builders";
import { secretCredential, serviceUrl } from "../../../../schema/credentials";

export const digitalOceanArguments = object({
  /** A personal access token with the scopes domain:read, domain:create and domain:delete. */
  token: secretCredential,
  /** Default: found by the names, from each upwards. */
  zone: v.optional(nonEmpty),
  /** Default: `https://api.digitalocean.com`. */
  apiUrl: v.optional(serviceUrl()),
});

export type DigitalOceanArguments = v.InferOutput<typeof digitalOceanArguments>;
