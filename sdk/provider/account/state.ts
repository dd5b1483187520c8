/** What an `AcmeAccount` keeps in the state. The names are frozen. */
import type { KeyType } from "../../x509/keys";
import type { KeptArguments } from "./arguments";
import type { Properties } from "../engine/handler";

/** RFC 8555 §7.1.2, and two of ours: the CA knows the account no more; nobody knows whether it was ever registered. */
export type AccountStatus = "valid" | "deactivated" | "revoked" | "lost" | "unregistered";

export interface AccountState {
  readonly __arguments: KeptArguments;
  /** Absent as long as the status is `unregistered`. */
  readonly accountUrl?: string;
  /** PKCS#8. Secret. */
  readonly accountKeyPem: string;
  /**
   * Secret. A key that the next operation which needs a fresh one uses: if it is killed after the CA took that key and
   * before the state was saved, the run after it still has it.
   */
  readonly nextAccountKeyPem: string;
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
}

/** Of the outputs in the state. */
export function accountState(props: Properties): AccountState {
  return props as unknown as AccountState;
}

export function asProperties(state: AccountState): Properties {
  return { ...state };
}
