/** The arguments of `cloudflare`. */
import * as v from "valibot";

import { nonEmpty, object } from "../../../../schema/builders";
import { secretCredential, serviceUrl } from "../../../../schema/credentials";

export const cloudflareArguments = object({
  /** An API token, not the global key, with Zone → DNS → Edit; and Zone → Zone → Read where no `zoneId` is given. */
  apiToken: secretCredential,
  /** Default: found by the names, from each upwards. */
  zoneId: v.optional(nonEmpty),
  /** Default: `https://api.cloudflare.com/client/v4`. */
  apiUrl: v.optional(serviceUrl()),
});

export type CloudflareArguments = v.InferOutput<typeof cloudflareArguments>;
