/** How one resource refers to another, as schemas. */
import * as v from "valibot";

import type { AccountReference, OrderReference } from "../../issuance/arguments";
import { nonEmpty, object, oneOfWords, secret, text } from "../../schema/builders";
import { isHttps, isLoopbackHttp } from "../../util/host-name";
import { margin } from "./renewal";

const directoryUrl = text(
  (url) => isHttps(url) || isLoopbackHttp(url),
  "must be an https URL (plain http only for a loopback host)",
);

export const accountReference: v.GenericSchema<AccountReference> = object({
  directoryUrl,
  accountUrl: nonEmpty,
  accountKeyPem: secret(nonEmpty),
  caBundlePem: v.optional(v.string()),
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
