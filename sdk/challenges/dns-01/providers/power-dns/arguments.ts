/** The arguments of `powerDns`. */
import * as v from "valibot";

import { nonEmpty, object } from "../../../../schema/builders";
import { secretCredential, serviceUrl } from "../../../../schema/credentials";

export const powerDnsArguments = object({
  /** Of the server's web server, without `/api/v1`. */
  apiUrl: serviceUrl(),
  /** `api-key` in its configuration. */
  apiKey: secretCredential,
  /** Default: `localhost`, which is the server itself. */
  serverId: v.optional(nonEmpty),
  /** Default: found by the names, from each upwards. */
  zone: v.optional(nonEmpty),
});

export type PowerDnsArguments = v.InferOutput<typeof powerDnsArguments>;
