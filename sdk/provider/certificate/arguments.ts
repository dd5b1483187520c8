/** The arguments of an `AcmeCertificate`: their schema, and what a change of each means. */
import * as v from "valibot";

import {
  type AccountReference,
  type CertificateArguments,
  REVOCATION_REASONS,
} from "../../issuance/arguments";
import {
  duration,
  nonEmpty,
  object,
  oneOfWords,
  port,
  secret,
  text,
  withoutPrivateKey,
} from "../../schema/builders";
import { KEY_TYPES } from "../../x509/keys";
import { accountReference, orderReference } from "../arguments/references";
import { instantText, margin, marginOrNone } from "../arguments/renewal";
import { propagationSchema, resolver, solverSchema } from "../arguments/solvers";
import { digestOf, type Rules, storedArguments } from "../engine/rules";

const preflight = object({
  resolvers: v.optional(v.array(resolver)),
  httpPort: v.optional(port),
  tlsPort: v.optional(port),
});

export const certificateSchema: v.GenericSchema<CertificateArguments> = object({
  account: accountReference,
  fallbackAccounts: v.optional(v.array(accountReference)),
  dnsNames: v.optional(v.array(v.string())),
  ipAddresses: v.optional(v.array(v.string())),
  solvers: v.optional(v.array(solverSchema)),
  order: v.optional(orderReference),
  keyType: v.optional(oneOfWords(KEY_TYPES)),
  keyPolicy: v.optional(oneOfWords(["rotate", "reuse"])),
  privateKeyPem: v.optional(secret(nonEmpty)),
  certificateRequestPem: v.optional(v.pipe(nonEmpty, withoutPrivateKey)),
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
  existing: v.optional(
    object({
      fullchainPem: v.pipe(nonEmpty, withoutPrivateKey),
      privateKeyPem: secret(nonEmpty),
    }),
  ),
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

export type CertificateChange =
  /** Another certificate is issued. */
  | "issue"
  /** Another chain of the same certificate is downloaded. */
  | "chain"
  /** Taken over without the CA. */
  | "settings"
  | "none";

const OF_THE_ORDER = { order: "is the order's; give it to the AcmeOrder" };
const OF_THE_REQUEST = {
  certificateRequestPem: "cannot be given with certificateRequestPem",
};

export const RULES: Rules<CertificateArguments, CertificateChange> = {
  account: { change: "settings", stored: withoutKey },
  fallbackAccounts: {
    change: "settings",
    stored: withoutKeys,
    notWith: { order: "cannot be given with order: an order belongs to one account" },
  },
  dnsNames: { change: "issue" },
  ipAddresses: {
    change: "issue",
    notWith: { order: "cannot be given with order: it is for DNS names" },
  },
  solvers: {
    change: "settings",
    stored: "digest",
    notWith: { order: "cannot be given with order: its records are made by somebody else" },
  },
  order: { change: "settings" },
  keyType: { change: "issue", default: "P256", notWith: OF_THE_REQUEST },
  keyPolicy: { change: "settings", notWith: OF_THE_REQUEST },
  privateKeyPem: { change: "issue", stored: "digest", notWith: OF_THE_REQUEST },
  certificateRequestPem: { change: "issue", stored: "digest" },
  commonName: { change: "issue", notWith: OF_THE_REQUEST },
  mustStaple: { change: "issue", default: false, notWith: OF_THE_REQUEST },
  profile: { change: "issue" },
  profileRequired: { change: "settings", notWith: OF_THE_ORDER },
  preferredChain: { change: "chain" },
  notBefore: { change: "issue", notWith: OF_THE_ORDER },
  notAfter: { change: "issue", notWith: OF_THE_ORDER },
  renewBefore: { change: "settings", notWith: OF_THE_ORDER },
  useRenewalInfo: { change: "settings", notWith: OF_THE_ORDER },
  toleratesFailureUntil: { change: "settings" },
  triggers: { change: "issue", default: [] },
  // It speaks of the creation alone.
  existing: { change: "none", stored: "none", notWith: OF_THE_REQUEST },
  revokeOnDestroy: { change: "settings" },
  revocationReason: { change: "settings" },
  preflight: { change: "settings" },
  propagation: { change: "settings" },
  pkcs12Password: { change: "settings", stored: "digest", notWith: OF_THE_REQUEST },
  timeout: { change: "settings" },
};

/** The arguments as the state keeps them: no secret but the account's key where `delete` needs it. */
export type StoredCertificateArguments = Omit<CertificateArguments, "solvers" | "existing"> & {
  readonly solvers?: string;
};

export function storedCertificateArguments(args: CertificateArguments): StoredCertificateArguments {
  return storedArguments(RULES, args) as unknown as StoredCertificateArguments;
}

/** Only revoking needs an account's key when the arguments are not at hand. */
function withoutKey(account: AccountReference, args: CertificateArguments): unknown {
  if (args.revokeOnDestroy === true) return account;
  return { ...account, accountKeyPem: digestOf(account.accountKeyPem) };
}

function withoutKeys(accounts: readonly AccountReference[], args: CertificateArguments): unknown {
  return accounts.map((account) => withoutKey(account, args));
}
