/**
 * What an `AcmeCertificate` keeps in the state. The names are frozen.
 *
 * Results lie on the top level. The arguments that they came from lie under `__arguments`, because some names are both,
 * and because `diff`, `read` and `delete` are shown outputs only.
 */
import type { CertificateArguments } from "../../issuance/arguments";
import type { Validity } from "../../issuance/renewal";
import type { StoredRenewalInfo } from "../../issuance/renewal-info";
import type { Properties } from "../engine/handler";

export interface CertificateState {
  readonly __arguments?: CertificateArguments;
  /** An issuance that did not end: with it the next run goes on where this one stopped. Secret: it holds a key. */
  readonly pending?: Pending;
  readonly certificatePem?: string;
  readonly issuerPem?: string;
  readonly fullchainPem?: string;
  readonly privateKeyPem?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly serialNumber?: string;
  readonly fingerprintSha256?: string;
  readonly publicKeySha256?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly renewAt?: string;
  readonly issuerCommonName?: string;
  /** Absent for an adopted certificate, as is `issuedBy`. */
  readonly certificateUrl?: string;
  readonly profile?: string;
  readonly issuedBy?: string;
  readonly renewalInfo?: StoredRenewalInfo;
  readonly lastFailure?: LastFailure;
  readonly pkcs12?: string;
}

export interface LastFailure {
  readonly at: string;
  readonly message: string;
  readonly nextAttemptAt: string;
  /** How many in a row. */
  readonly failures: number;
}

export interface Pending {
  /** What was asked for, as a hash: another request starts afresh. */
  readonly request: string;
  readonly directoryUrl: string;
  readonly accountUrl: string;
  /** The new key, unless the user brought one. */
  readonly privateKeyPem?: string;
  readonly orderUrl?: string;
  readonly certificateUrl?: string;
  /** The CA's word, in 429 or 503, on when to come back. */
  readonly retryAt?: string;
  /** What it said with it. */
  readonly refusal?: string;
  /** URLs of the accounts to which it was said. */
  readonly refusedBy?: readonly string[];
}

/** Whether a certificate was ever issued. */
export type IssuedState = CertificateState &
  Required<
    Pick<
      CertificateState,
      | "__arguments"
      | "certificatePem"
      | "issuerPem"
      | "fullchainPem"
      | "dnsNames"
      | "ipAddresses"
      | "fingerprintSha256"
      | "publicKeySha256"
      | "notBefore"
      | "notAfter"
      | "renewAt"
    >
  >;

export function isIssued(state: CertificateState): state is IssuedState {
  return state.fullchainPem !== undefined && state.__arguments !== undefined;
}

/** The state as a handler is given it. */
export function certificateState(properties: Properties): CertificateState {
  return properties;
}

/** The arguments among a resource's inputs. */
export function certificateArguments(inputs: Properties): CertificateArguments {
  const own = Object.entries(inputs).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(own) as unknown as CertificateArguments;
}

/** The state's instants of validity, epoch milliseconds. */
export function validityOf(state: Pick<IssuedState, "notBefore" | "notAfter">): Validity {
  return { notBefore: Date.parse(state.notBefore), notAfter: Date.parse(state.notAfter) };
}
