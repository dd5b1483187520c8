/** The arguments of `rfc2136`. */
import * as v from "valibot";

import { TSIG_ALGORITHMS, type TsigAlgorithm } from "../../../../dns/tsig";
import { nonEmpty, object, oneOfWords, secret } from "../../../../schema/builders";

export const rfc2136Arguments = object({
  /** The primary server: a name or an address, with `:port` where it is not 53. */
  server: nonEmpty,
  keyName: nonEmpty,
  /** Base64, as `tsig-keygen` writes it. */
  keySecret: secret(nonEmpty),
  /** Default: `hmac-sha256`. */
  keyAlgorithm: v.optional(oneOfWords(Object.keys(TSIG_ALGORITHMS) as TsigAlgorithm[])),
  /** Default: found by SOA records at the server, for each record. */
  zone: v.optional(nonEmpty),
});

export type Rfc2136Arguments = v.InferOutput<typeof rfc2136Arguments>;
