/** How one resource refers to another: by the fields that it needs, wherever they come from. */
import * as pulumi from "@pulumi/pulumi";

/** A challenge that can be answered with data alone: a TXT record, or a file of a web server. */
export type OrderChallenge = "dns-01" | "http-01";

/**
 * An ACME account, as a certificate needs it. An `AcmeAccount` is one; so is any object, or output of a
 * `StackReference`, with these fields. Other fields are ignored.
 */
export interface AccountReference {
  /** URL of the CA's directory. */
  directoryUrl: pulumi.Input<string>;
  /** URL of the account, which the CA assigned. */
  accountUrl: pulumi.Input<string>;
  /** The account's private key, PKCS#8 in PEM. Secret. */
  accountKeyPem: pulumi.Input<string>;
  /** Extra roots for the CA's own HTTPS, in PEM. Default: those that Node.js trusts. */
  caBundlePem?: pulumi.Input<string | undefined>;
}

/**
 * A certificate, as a deployment needs it. An `AcmeCertificate` is one; so is any object with these fields, whoever
 * issued it. Other fields are ignored.
 */
export interface CertificateReference {
  /** The leaf, then the intermediates, in PEM. */
  fullchainPem: pulumi.Input<string>;
  /** The private key in PEM. Without one (a CSR's certificate) no key file is written. Secret. */
  privateKeyPem?: pulumi.Input<string | undefined>;
  /** The leaf alone, in PEM. Default: the first certificate of `fullchainPem`. */
  certificatePem?: pulumi.Input<string | undefined>;
  /** The intermediates, in PEM. Default: the others of `fullchainPem`. */
  issuerPem?: pulumi.Input<string | undefined>;
}

/**
 * An order whose challenges are answered by somebody else, as a certificate needs it. An `AcmeOrder` is one; so is any
 * object with these fields. Other fields are ignored.
 */
export interface OrderReference {
  /** URL of the order at the CA. It must be the certificate's account's. */
  orderUrl: pulumi.Input<string>;
  /** The names of the order. */
  dnsNames: pulumi.Input<pulumi.Input<string>[]>;
  /** How all of the names are proven. */
  challenge: pulumi.Input<OrderChallenge>;
  /** The profile that was asked for. */
  profile?: pulumi.Input<string | undefined>;
  /** How long before its end the certificate is renewed. Default: as for a certificate without an order. */
  renewBefore?: pulumi.Input<string | undefined>;
  /** Whether the CA says when to renew. Default: true. */
  useRenewalInfo?: pulumi.Input<boolean | undefined>;
  /** Whether it was placed because of the time alone. Default: false. */
  isRenewal?: pulumi.Input<boolean | undefined>;
}

const ACCOUNT_FIELDS = ["directoryUrl", "accountUrl", "accountKeyPem", "caBundlePem"] as const;
const ORDER_FIELDS = [
  "orderUrl",
  "dnsNames",
  "challenge",
  "profile",
  "renewBefore",
  "useRenewalInfo",
  "isRenewal",
] as const;
/* What a full chain says already is not passed on. */
const CERTIFICATE_FIELDS = ["fullchainPem", "privateKeyPem"] as const;

/** The fields of an account. */
export function pickAccount(reference: unknown): unknown {
  return pick(reference, ACCOUNT_FIELDS);
}

/** The fields of every account in a list. */
export function pickAccounts(references: unknown): unknown {
  if (Array.isArray(references)) return references.map(pickAccount);
  if (!isLater(references)) return references;
  return outputOf(references).apply((list) => (Array.isArray(list) ? list.map(pickAccount) : list));
}

/** The fields of an order. */
export function pickOrder(reference: unknown): unknown {
  return pick(reference, ORDER_FIELDS);
}

/** The fields of a certificate. */
export function pickCertificate(reference: unknown): unknown {
  return pick(reference, CERTIFICATE_FIELDS);
}

/*
 * A resource passed to Pulumi as it is arrives as its id: hence the fields. One by one, so that one field that is not
 * known in a preview does not make the others unknown.
 */
function pick(reference: unknown, fields: readonly string[]): unknown {
  if (isLater(reference)) {
    const whole = outputOf(reference);
    return Object.fromEntries(
      fields.map((field) => [field, whole.apply((value) => fieldOf(value, field))]),
    );
  }
  // What is no object at all goes on as it is: `check` says so.
  if (typeof reference !== "object" || reference === null) return reference;
  return Object.fromEntries(fields.map((field) => [field, fieldOf(reference, field)]));
}

/* Pulumi's types cannot tell what unwraps out of `unknown`. */
function outputOf(value: unknown): pulumi.Output<unknown> {
  return pulumi.output(value as pulumi.Input<string>);
}

function isLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[field]
    : undefined;
}
