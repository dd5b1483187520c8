/**
 * What a certificate or an order is asked to be, as plain data: the checked arguments of `AcmeCertificate` and `AcmeOrder`.
 *
 * This is also what lies in the state under `__arguments`: a changed name needs a migration.
 */
import type { Propagation } from "../challenges/dns-01/propagation";
import type { KeyType } from "../x509/keys";
import type { PreparedChallenge } from "../challenges/prepared";
import type { SolverArguments } from "./solver-arguments";

export interface AccountReference {
  readonly directoryUrl: string;
  readonly accountUrl: string;
  readonly accountKeyPem: string;
  readonly caBundlePem?: string;
}

/** An order that an `AcmeOrder` placed. */
export interface OrderReference {
  readonly orderUrl: string;
  readonly dnsNames: readonly string[];
  readonly challenge: PreparedChallenge;
  readonly profile?: string;
  readonly renewBefore?: string;
  readonly useRenewalInfo?: boolean;
  readonly isRenewal?: boolean;
}

export interface PreflightArguments {
  /** `ip:port` of the resolvers to ask instead of this machine's. */
  readonly resolvers?: readonly string[];
  readonly httpPort?: number;
  readonly tlsPort?: number;
}

/** What an `AcmeOrder` is asked to be. */
export interface OrderArguments {
  readonly account: AccountReference;
  readonly dnsNames: readonly string[];
  readonly challenge: PreparedChallenge;
  readonly profile?: string;
  readonly profileRequired?: boolean;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly renewBefore?: string;
  readonly useRenewalInfo?: boolean;
  readonly triggers?: readonly unknown[];
}

export interface CertificateArguments {
  readonly account: AccountReference;
  readonly fallbackAccounts?: readonly AccountReference[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly solvers?: readonly SolverArguments[];
  /** Instead of solvers. Names and renewal settings are the order's; `check` copies them. */
  readonly order?: OrderReference;
  readonly keyType?: KeyType;
  readonly keyPolicy?: "rotate" | "reuse";
  readonly privateKeyPem?: string;
  readonly certificateRequestPem?: string;
  readonly commonName?: string;
  readonly mustStaple?: boolean;
  readonly profile?: string;
  readonly profileRequired?: boolean;
  readonly preferredChain?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly renewBefore?: string;
  readonly useRenewalInfo?: boolean;
  readonly toleratesFailureUntil?: string;
  readonly triggers?: readonly unknown[];
  readonly existing?: { readonly fullchainPem: string; readonly privateKeyPem: string };
  readonly revokeOnDestroy?: boolean;
  readonly revocationReason?: RevocationReason;
  readonly preflight?: boolean | PreflightArguments;
  /** For all DNS challenges. */
  readonly propagation?: Propagation;
  readonly pkcs12Password?: string;
  readonly timeout?: string;
}

/** RFC 5280 §5.3.1, those that an end-entity certificate may have. */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
} as const;

export type RevocationReason = keyof typeof REVOCATION_REASONS;
