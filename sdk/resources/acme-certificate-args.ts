/** Arguments of the resource `AcmeCertificate`. */
import type * as pulumi from "@pulumi/pulumi";

import type { KeyType } from "../x509/key-types";
import type { AccountReference, OrderReference } from "./references";
import type { PropagationArgs } from "./propagation-args";
import type { PreflightArgs, SolverArgs } from "./solver-args";

/** Why a certificate is revoked, RFC 5280 §5.3.1. */
export type RevocationReason =
  | "unspecified"
  | "keyCompromise"
  | "affiliationChanged"
  | "superseded"
  | "cessationOfOperation"
  | "privilegeWithdrawn";

/** A certificate that exists already, and its key. */
export interface ExistingCertificateArgs {
  /** The leaf, then the intermediates, in PEM. */
  fullchainPem: pulumi.Input<string>;
  /** The leaf's private key in PEM. Secret. */
  privateKeyPem: pulumi.Input<string>;
}

/** Arguments of an {@link AcmeCertificate}. No change replaces the resource: the old certificate stays until a new one is there. */
export interface AcmeCertificateArgs {
  /**
   * The account that orders. A change to another CA issues anew; another account at the same CA is used from the next
   * renewal on.
   */
  account: pulumi.Input<AccountReference>;
  /** Accounts that are tried in order when the CA before them cannot issue. Default: none. */
  fallbackAccounts?: pulumi.Input<pulumi.Input<AccountReference>[]>;
  /**
   * DNS names, in Unicode or punycode, any case. A set: order and repetition are no change. A change issues anew.
   * At most 100 together with `ipAddresses`.
   */
  dnsNames?: pulumi.Input<pulumi.Input<string>[]>;
  /** IPv4 and IPv6 addresses (RFC 8738), where the CA offers them. A set. A change issues anew. */
  ipAddresses?: pulumi.Input<pulumi.Input<string>[]>;
  /** How the names are proven. Not needed while every authorization is valid already. A change issues nothing. */
  solvers?: pulumi.Input<pulumi.Input<SolverArgs>[]>;
  /**
   * Instead of `solvers`: an `AcmeOrder`, whose records somebody else makes before (`dependsOn`). Names, profile and the time
   * of renewal are the order's; the certificate is issued once for each order.
   */
  order?: pulumi.Input<OrderReference>;
  /** Kind of the certificate's key. A change issues anew. Default: `"P256"`; with `privateKeyPem`, that key's kind. */
  keyType?: pulumi.Input<KeyType>;
  /** Whether a renewal makes a new key or keeps the old one. Default: `"rotate"`. */
  keyPolicy?: pulumi.Input<"rotate" | "reuse">;
  /** Your own key, in PEM. A change issues anew. Default: a key is made. Secret. */
  privateKeyPem?: pulumi.Input<string>;
  /**
   * Your own certificate request, PKCS#10 in PEM: names are the request's, and no private key comes into the state.
   * A change issues anew.
   */
  certificateRequestPem?: pulumi.Input<string>;
  /** The subject's common name: at most 64 characters, and one of the names. A change issues anew. Default: none. */
  commonName?: pulumi.Input<string>;
  /** Ask for the OCSP must-staple extension (RFC 7633). A change issues anew. Default: false. */
  mustStaple?: pulumi.Input<boolean>;
  /** A profile that the CA offers, see the account's `profiles`. A change issues anew. Default: the CA's. */
  profile?: pulumi.Input<string>;
  /** Fail where the CA does not offer `profile`. Default: false: it is dropped, with a warning. */
  profileRequired?: pulumi.Input<boolean>;
  /**
   * Common name of a root or an issuer, or a SHA-256 fingerprint: which of the CA's chains to take. Where none matches, the
   * default chain and a warning. A change downloads the other chain of the same certificate. Default: the CA's.
   */
  preferredChain?: pulumi.Input<string>;
  /** Start of validity, RFC 3339, where the CA allows to ask for it. A change issues anew. Default: the CA's. */
  notBefore?: pulumi.Input<string>;
  /** End of validity, RFC 3339, where the CA allows to ask for it. A change issues anew. Default: the CA's. */
  notAfter?: pulumi.Input<string>;
  /**
   * How long before its end the certificate is renewed: `"30d"`, or `"33%"` of its lifetime. Default: a third of the lifetime,
   * half of one below ten days. As long as the lifetime or longer: half of it, and a warning.
   */
  renewBefore?: pulumi.Input<string>;
  /**
   * Let the CA say when to renew (ARI, RFC 9773). Never later than a `renewBefore` that is given, nor than a sixth of the
   * lifetime before the end. Default: true.
   */
  useRenewalInfo?: pulumi.Input<boolean>;
  /**
   * A failed renewal is a warning while more than this much validity is left, and an error below: `"10d"`, or `"10%"` of
   * the lifetime. Default: half of `renewBefore`.
   */
  toleratesFailureUntil?: pulumi.Input<string>;
  /** Any change of these issues anew. Default: none. */
  triggers?: pulumi.Input<unknown[]>;
  /**
   * Take over this certificate at creation instead of ordering one, while it is valid and fits. A pair that does not match is an
   * error; missing names, expired or due: a warning, and one is issued. A later change is no difference.
   */
  existing?: pulumi.Input<ExistingCertificateArgs>;
  /** Revoke the certificate when the resource is destroyed. Default: false. */
  revokeOnDestroy?: pulumi.Input<boolean>;
  /** What the CA is told with `revokeOnDestroy`. Default: nothing. */
  revocationReason?: pulumi.Input<RevocationReason>;
  /**
   * Look whether the challenges can be answered before the CA does, since failures count against its limits. `false` turns it
   * off; an object is for private CAs and test servers that ask on other ports. Default: true.
   */
  preflight?: pulumi.Input<boolean | PreflightArgs>;
  /** How long, and where, DNS records are waited for, those of an `order` too. */
  propagation?: pulumi.Input<PropagationArgs>;
  /** Gives the output `pkcs12`, protected by it. A change issues nothing. Secret. */
  pkcs12Password?: pulumi.Input<string>;
  /** How long a whole issuance may take. Default: `"10m"`. */
  timeout?: pulumi.Input<string>;
}
