/** The arguments of an `AcmeCertificate`, as a schema. Layer 5. */
import * as v from "valibot";

import { REVOCATION_REASONS } from "../issuance/arguments";
import { targetSchema } from "./connection-schema";
import { arguments_, duration, exactlyOne, nonEmpty, oneOfWords, port, text } from "./schema";

export const KEY_TYPES = [
  "P256",
  "P384",
  "P521",
  "RSA2048",
  "RSA3072",
  "RSA4096",
  "Ed25519",
] as const;

const directoryUrl = text(
  isDirectoryUrl,
  "must be an https URL (plain http only for a loopback host)",
);

/** Whether a CA may be talked to there: HTTPS, or a loopback host (RFC 8555 §6.1). */
export function isDirectoryUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  const loopback =
    hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return protocol === "https:" || (protocol === "http:" && loopback);
}

export const accountReference = arguments_({
  directoryUrl,
  accountUrl: nonEmpty,
  accountKeyPem: nonEmpty,
  caBundlePem: v.optional(v.string()),
});

const absolutePath = text(
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  (value) => value.startsWith("/") && !/[\u0000-\u001f\u007f]/.test(value),
  "must be an absolute path",
);

const http01 = exactlyOne({
  stateless: v.literal(true, "must be true, or left out"),
  webroot: arguments_({
    path: absolutePath,
    connection: v.optional(
      v.lazy((input) => (Array.isArray(input) ? v.array(targetSchema) : targetSchema)),
    ),
  }),
  listener: arguments_({ port: v.optional(port), address: v.optional(nonEmpty) }),
});

const solver = exactlyOne(
  { http01 },
  { dnsNames: v.optional(v.array(v.string())), dnsZones: v.optional(v.array(v.string())) },
);

/** `"30d"` or `"33%"`. */
export const margin = text(
  (value) => (/^\d+(\.\d+)?%$/.test(value) ? Number.parseFloat(value) > 0 : v.is(duration, value)),
  'must be a duration such as "30d", or a share of the lifetime such as "33%"',
);

export const instantText = text(
  (value) => /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
  "must be an RFC 3339 instant such as 2026-01-02T03:04:05Z",
);

const resolver = text(
  (value) => /^(\[[0-9a-fA-F:]+\]|[0-9.]+):\d+$/.test(value),
  'must be "ip:port"',
);

const preflight = arguments_({
  resolvers: v.optional(v.array(resolver)),
  httpPort: v.optional(port),
  tlsPort: v.optional(port),
});

export const propagation = arguments_({
  check: v.optional(oneOfWords(["authoritative", "resolvers", "none"])),
  resolvers: v.optional(v.array(resolver)),
  delay: v.optional(duration),
  timeout: v.optional(duration),
});

const orderReference = arguments_({
  orderUrl: nonEmpty,
  dnsNames: v.array(v.string()),
  challenge: oneOfWords(["dns-01", "http-01"]),
  profile: v.optional(v.string()),
  renewBefore: v.optional(margin),
  useRenewalInfo: v.optional(v.boolean()),
  isRenewal: v.optional(v.boolean()),
});

export const certificateSchema = arguments_({
  account: accountReference,
  fallbackAccounts: v.optional(v.array(accountReference)),
  dnsNames: v.optional(v.array(v.string())),
  ipAddresses: v.optional(v.array(v.string())),
  solvers: v.optional(v.array(solver)),
  order: v.optional(orderReference),
  keyType: v.optional(oneOfWords(KEY_TYPES)),
  keyPolicy: v.optional(oneOfWords(["rotate", "reuse"])),
  privateKeyPem: v.optional(nonEmpty),
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
  toleratesFailureUntil: v.optional(margin),
  triggers: v.optional(v.array(v.unknown())),
  existing: v.optional(arguments_({ fullchainPem: nonEmpty, privateKeyPem: nonEmpty })),
  revokeOnDestroy: v.optional(v.boolean()),
  revocationReason: v.optional(
    oneOfWords(Object.keys(REVOCATION_REASONS) as (keyof typeof REVOCATION_REASONS)[]),
  ),
  preflight: v.optional(v.lazy((input) => (typeof input === "boolean" ? v.boolean() : preflight))),
  propagation: v.optional(propagation),
  pkcs12Password: v.optional(
    // keytool refuses what is not ASCII.
    text((value) => /^[\x20-\x7e]+$/.test(value), "must be printable ASCII, and not empty"),
  ),
  timeout: v.optional(duration),
});
