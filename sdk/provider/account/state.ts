/** What an `AcmeAccount` keeps in the state. The names are frozen. */
import type { KeyType } from "../../x509/keys";
import type { AccountArguments } from "./arguments";

/** RFC 8555 §7.1.2, and two more: the CA no longer knows the account; it is not known whether it was registered. */
export type AccountStatus = "valid" | "deactivated" | "revoked" | "lost" | "unregistered";

export interface AccountState {
  /** Absent as long as the status is `unregistered`. */
  readonly accountUrl?: string;
  /** PKCS#8. Secret. */
  readonly accountKeyPem: string;
  /** RFC 7638, base64url. */
  readonly thumbprint: string;
  readonly status: AccountStatus;
  readonly contact: readonly string[];
  readonly directoryUrl: string;
  readonly caBundlePem?: string;
  /** Absent for a key that the user brought and that has no name, such as RSA of 2560 bits. */
  readonly keyType?: KeyType;
  readonly termsOfServiceUrl?: string;
  readonly caaIdentities: readonly string[];
  readonly profiles: Readonly<Record<string, string>>;
  /** What is kept of the arguments that led to this state. */
  readonly __arguments: Partial<AccountArguments>;
  readonly __state: AccountPrivateState;
}

/** Private. Secret as a whole. */
export interface AccountPrivateState {
  /** 32 random octets, base64url: the next key, of whichever kind, is derived from them (`next-key.ts`). */
  readonly nextKeySeed: string;
  /** A next key that cannot be derived, of an account with an RSA key. */
  readonly nextAccountKeyPem?: string;
  /** The key of a change that got no answer: the CA may have taken it. */
  readonly triedKeyPem?: string;
}

/** A state of which the CA knows the account. */
export type RegisteredState = AccountState & { readonly accountUrl: string };
