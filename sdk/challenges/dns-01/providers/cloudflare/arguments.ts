/** The arguments of `cloudflare`. */
import * as v from "valibot";

import { nonEmpty, object, secret, webUrl } from "../../../../schema/builders";

export const cloudflareArguments = object({
  /** An API token, not the global key, with Zone → DNS → Edit; and Zone → Zone → Read where no `zoneId` is given. */
  apiToken: secret(nonEmpty),
  /** Default: found by the names, from each upwards. */
  zoneId: v.optional(nonEmpty),
  /** Default: `https://api.cloudflare.com/client/v4`. */
  apiUrl: v.optional(webUrl),
});

export type CloudflareArguments = v.InferOutput<typeof cloudflareArguments>;
