/** How one resource refers to another, as schemas. */
import * as v from "valibot";

import type { AccountReference, OrderReference } from "../../issuance/arguments";
import { nonEmpty, object, oneOfWords, secret, withoutPrivateKey } from "../../schema/builders";
import { serviceUrl } from "../../schema/credentials";
import { margin } from "./renewal";

export const accountReference: v.GenericSchema<AccountReference> = object({
  directoryUrl: serviceUrl(),
  accountUrl: nonEmpty,
  accountKeyPem: secret(nonEmpty),
  caBundlePem: v.optional(v.pipe(v.string(), withoutPrivateKey)),
});

export const orderReference: v.GenericSchema<OrderReference> = object({
  orderUrl: nonEmpty,
  dnsNames: v.array(v.string()),
  challenge: oneOfWords(["dns-01", "http-01"]),
  profile: v.optional(v.string()),
  renewBefore: v.optional(margin),
  useRenewalInfo: v.optional(v.boolean()),
  isRenewal: v.optional(v.boolean()),
});
