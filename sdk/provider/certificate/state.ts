/**
 * What an `AcmeCertificate` keeps in the state. The names are frozen.
 *
 * Documented outputs lie on the top level. The arguments that they came from lie under `__arguments`, because some names
 * are both, and because `diff`, `read` and `delete` are shown outputs only. Everything private lies under `__state`. What
 * `fullchainPem` says is not stored a second time: the class reads it from there.
 */
import type { AccountReference, CertificateArguments } from "../../issuance/arguments";
import type { RenewalAdvice, StoredRenewalInfo } from "../../issuance/renewal-info";
import { instant } from "../../util/instant";
import type { CertificateFacts } from "../../x509/certificate";
import { issuedAtIfDue, renewAt, type StoredValidity, withoutEndlessWindow } from "../renewal/due";
import { type LastFailure, type RenewalState, withAdvice } from "../renewal/state";
import { type StoredCertificateArguments, storedCertificateArguments } from "./arguments";

export interface CertificateState {
  readonly __arguments?: StoredCertificateArguments;
  /** `pending` may hold a private key. */
  readonly __state?: RenewalState;
  readonly fullchainPem?: string;
  /** Absent with a CSR. */
  readonly privateKeyPem?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly renewAt?: string;
  /** Absent for an adopted certificate, as are `profile` and `issuedBy`. */
  readonly certificateUrl?: string;
  readonly profile?: string;
  readonly issuedBy?: string;
  readonly renewalInfo?: StoredRenewalInfo;
  readonly lastFailure?: LastFailure;
  readonly pkcs12?: string;
}

/** A certificate was issued, or adopted. */
export type IssuedState = CertificateState &
  Required<
    Pick<
      CertificateState,
      | "__arguments"
      | "fullchainPem"
      | "dnsNames"
      | "ipAddresses"
      | "notBefore"
      | "notAfter"
      | "renewAt"
    >
  >;

export function isIssued(state: CertificateState): state is IssuedState {
  return state.fullchainPem !== undefined && state.__arguments !== undefined;
}

/** What an issuance, or an adoption, gives. */
export type Results = Pick<
  IssuedState,
  "fullchainPem" | "privateKeyPem" | "certificateUrl" | "profile" | "issuedBy"
> & { readonly leaf: CertificateFacts };

/** The state after a success: nothing pending, no failure. */
export function issuedState(
  { leaf, fullchainPem, privateKeyPem, certificateUrl, profile, issuedBy }: Results,
  args: CertificateArguments,
  answered: RenewalAdvice,
  { isRenewal, now }: { readonly isRenewal: boolean; readonly now: number },
): IssuedState {
  const notBefore = instant(leaf.notBefore);
  const notAfter = instant(leaf.notAfter);
  const { dnsNames, ipAddresses, fingerprintSha256 } = leaf;
  const validity = { notBefore, notAfter, fingerprintSha256 };
  const certificate = { ...validity, issuedAt: issuedAtIfDue(validity, args, now) };
  const advice = isRenewal ? withoutEndlessWindow(certificate, args, answered, now) : answered;
  const { renewalInfo } = advice;
  const { issuedAt } = certificate;
  const own = issuedAt === undefined ? undefined : { issuedAt };
  return {
    __arguments: storedCertificateArguments(args),
    fullchainPem,
    privateKeyPem,
    dnsNames,
    ipAddresses,
    notBefore,
    notAfter,
    renewAt: renewAt(certificate, args, renewalInfo),
    certificateUrl,
    profile,
    issuedBy,
    renewalInfo,
    __state: withAdvice(own, advice),
  };
}

/** From when to when the certificate counts as valid. */
export function validityIn({ notBefore, notAfter, __state }: IssuedState): StoredValidity {
  return { notBefore, notAfter, issuedAt: __state?.issuedAt };
}

/** The accounts that may issue, in their order. */
export function accountsOf({
  account,
  fallbackAccounts = [],
}: Pick<CertificateArguments, "account" | "fallbackAccounts">): readonly AccountReference[] {
  return [account, ...fallbackAccounts];
}

/** The account that issued the certificate, which may be a fallback; where it is not known any more, its successor. */
export function issuerOf(
  { issuedBy }: CertificateState,
  args: Pick<CertificateArguments, "account" | "fallbackAccounts">,
): AccountReference {
  return accountsOf(args).find(({ accountUrl }) => accountUrl === issuedBy) ?? args.account;
}
