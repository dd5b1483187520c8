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

/** Arguments of an {@link AcmeCertificate}. No change replaces the resource: the old certificate stays until the new one exists. */
export interface AcmeCertificateArgs {
  /**
   * The account that places the order. A change to another CA reissues; another account at the same CA is used from the next
   * renewal on.
   */
  account: pulumi.Input<AccountReference>;
  /** Accounts to try, in order, if the CA before them cannot issue. Default: none. */
  fallbackAccounts?: pulumi.Input<pulumi.Input<AccountReference>[]>;
  /**
   * DNS names, in Unicode or punycode, in any case and order. A change reissues.
   * At most 100 together with `ipAddresses`.
   */
  dnsNames?: pulumi.Input<pulumi.Input<string>[]>;
  /** IPv4 and IPv6 addresses (RFC 8738), if the CA supports them. A change reissues. */
  ipAddresses?: pulumi.Input<pulumi.Input<string>[]>;
  /** How the names are validated. Not needed if all authorizations are already valid. A change issues nothing. */
  solvers?: pulumi.Input<pulumi.Input<SolverArgs>[]>;
  /**
   * Instead of `solvers`: an `AcmeOrder` whose records other resources create first (`dependsOn`). Names, profile and time
   * of renewal come from the order; a new order reissues.
   */
  order?: pulumi.Input<OrderReference>;
  /** Type of the certificate's key. A change reissues. Default: `"P256"`; with `privateKeyPem`, the type of that key. */
  keyType?: pulumi.Input<KeyType>;
  /** Whether a renewal generates a new key or keeps the old one. Default: `"rotate"`. */
  keyPolicy?: pulumi.Input<"rotate" | "reuse">;
  /** Your own key, in PEM. A change reissues. Default: generated. Secret. */
  privateKeyPem?: pulumi.Input<string>;
  /**
   * Your own CSR, PKCS#10 in PEM. Its names are used, and no private key is stored in the state.
   * A change reissues.
   */
  certificateRequestPem?: pulumi.Input<string>;
  /** The subject's common name: at most 64 characters, and one of the names. A change reissues. Default: none. */
  commonName?: pulumi.Input<string>;
  /** Ask for the OCSP must-staple extension (RFC 7633). A change reissues. Default: false. */
  mustStaple?: pulumi.Input<boolean>;
  /** A profile that the CA offers, see the account's `profiles`. A change reissues. Default: the CA's. */
  profile?: pulumi.Input<string>;
  /** Fail if the CA does not offer `profile`. Default: false: the profile is ignored with a warning. */
  profileRequired?: pulumi.Input<boolean>;
  /**
   * Which of the CA's chains to use: common name of a root or an issuer, or a SHA-256 fingerprint. If none matches, the default
   * chain is used with a warning. A change downloads the other chain of the same certificate. Default: the CA's.
   */
  preferredChain?: pulumi.Input<string>;
  /** Start of validity, RFC 3339, if the CA supports it. A change reissues. Default: the CA's. */
  notBefore?: pulumi.Input<string>;
  /** End of validity, RFC 3339, if the CA supports it. A change reissues. Default: the CA's. */
  notAfter?: pulumi.Input<string>;
  /**
   * How long before its end the certificate is renewed: `"30d"`, or `"33%"` of its lifetime. Default: a third of the lifetime,
   * half of one below ten days. If it is not shorter than the lifetime, half of that is used, with a warning.
   */
  renewBefore?: pulumi.Input<string>;
  /**
   * Renew when the CA suggests (ARI, RFC 9773), but not later than a `renewBefore` that is given, nor than a sixth of the
   * lifetime before the end. Default: true.
   */
  useRenewalInfo?: pulumi.Input<boolean>;
  /**
   * A failed renewal is a warning while more than this much validity is left, and an error below: `"10d"`, or `"10%"` of
   * the lifetime. Default: half of `renewBefore`.
   */
  toleratesFailureUntil?: pulumi.Input<string>;
  /** Any values; a change reissues. Default: none. */
  triggers?: pulumi.Input<unknown[]>;
  /**
   * Adopt this certificate at creation instead of ordering one. A key that does not match is an error. If names are missing, or
   * it has expired or is due, a certificate is issued with a warning. Later changes show no diff.
   */
  existing?: pulumi.Input<ExistingCertificateArgs>;
  /** Revoke the certificate when the resource is destroyed. Default: false. */
  revokeOnDestroy?: pulumi.Input<boolean>;
  /** Reason for `revokeOnDestroy`. Default: none. */
  revocationReason?: pulumi.Input<RevocationReason>;
  /**
   * Check challenges and CAA records before the CA does, because failed validations are rate-limited. `false` turns it
   * off; an object is for private CAs and test servers that use other ports. Default: true.
   */
  preflight?: pulumi.Input<boolean | PreflightArgs>;
  /** How to wait for DNS records, including those of an `order`. */
  propagation?: pulumi.Input<PropagationArgs>;
  /** Password of the output `pkcs12`, which exists only with it. A change issues nothing. Secret. */
  pkcs12Password?: pulumi.Input<string>;
  /** Timeout of a whole issuance. Default: `"10m"`. */
  timeout?: pulumi.Input<string>;
}
