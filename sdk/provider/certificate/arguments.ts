/** The arguments of an `AcmeCertificate`, as a schema. */
import * as v from "valibot";

import { REVOCATION_REASONS } from "../../issuance/arguments";
import { isHttps, isLoopbackHttp } from "../../util/host-name";
import { KEY_TYPES } from "../../x509/keys";
import {
  duration,
  nonEmpty,
  object,
  oneOfWords,
  port,
  secret,
  span,
  text,
} from "../../schema/builders";
import { propagationSchema, resolver, solverSchema } from "../arguments/solvers";

const directoryUrl = text(
  (url) => isHttps(url) || isLoopbackHttp(url),
  "must be an https URL (plain http only for a loopback host)",
);

export const accountReference = object({
  directoryUrl,
  accountUrl: nonEmpty,
  accountKeyPem: secret(nonEmpty),
  caBundlePem: v.optional(v.string()),
});

/** `"30d"` or `"33%"`. */
export const margin = text(
  (value) => (/^\d+(\.\d+)?%$/.test(value) ? Number.parseFloat(value) > 0 : v.is(duration, value)),
  'must be a duration such as "30d", or a share of the lifetime such as "33%"',
);

/** The same, where none at all says something, too. */
const marginOrNone = text(
  (value) => /^\d+(\.\d+)?%$/.test(value) || v.is(span, value),
  'must be a duration such as "10d", or a share of the lifetime such as "10%"',
);

export const instantText = text(
  (value) => /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
  "must be an RFC 3339 instant such as 2026-01-02T03:04:05Z",
);

const preflight = object({
  resolvers: v.optional(v.array(resolver)),
  httpPort: v.optional(port),
  tlsPort: v.optional(port),
});

export const orderReference = object({
  orderUrl: nonEmpty,
  dnsNames: v.array(v.string()),
  challenge: oneOfWords(["dns-01", "http-01"]),
  profile: v.optional(v.string()),
  renewBefore: v.optional(margin),
  useRenewalInfo: v.optional(v.boolean()),
  isRenewal: v.optional(v.boolean()),
});

export const certificateSchema = object({
  account: accountReference,
  fallbackAccounts: v.optional(v.array(accountReference)),
  dnsNames: v.optional(v.array(v.string())),
  ipAddresses: v.optional(v.array(v.string())),
  solvers: v.optional(v.array(solverSchema)),
  order: v.optional(orderReference),
  keyType: v.optional(oneOfWords(KEY_TYPES)),
  keyPolicy: v.optional(oneOfWords(["rotate", "reuse"])),
  privateKeyPem: v.optional(secret(nonEmpty)),
  certificateRequestPem: v.optional(nonEmpty),
  commonName: v.optional(nonEmpty),
  mustStaple: v.optional(v.boolean()),
  profile: v.optional(nonEmpty),
  profileRequired: v.optional(v.boolean()),
  preferredChain: v.optional(nonEmpty),
  notBefore: v.optional(instantText),
  notAfter: v.optional(instantText),
  renewBefore: v.optional(margin),
  useRenewalInfo: v.optional(v.boolean()),
  toleratesFailureUntil: v.optional(marginOrNone),
  triggers: v.optional(v.array(v.unknown())),
  existing: v.optional(object({ fullchainPem: nonEmpty, privateKeyPem: secret(nonEmpty) })),
  revokeOnDestroy: v.optional(v.boolean()),
  revocationReason: v.optional(
    oneOfWords(Object.keys(REVOCATION_REASONS) as (keyof typeof REVOCATION_REASONS)[]),
  ),
  preflight: v.optional(v.lazy((input) => (typeof input === "boolean" ? v.boolean() : preflight))),
  propagation: v.optional(propagationSchema),
  pkcs12Password: v.optional(
    // keytool refuses what is not ASCII.
    secret(text((value) => /^[\x20-\x7e]+$/.test(value), "must be printable ASCII, and not empty")),
  ),
  timeout: v.optional(duration),
});
