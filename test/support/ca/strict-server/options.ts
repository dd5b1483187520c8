/** Options of the strict ACME server. */
import type { Problem } from "./response";

/** A challenge that the client says is ready. */
export interface ChallengeAttempt {
  readonly type: string;
  readonly identifier: { readonly type: string; readonly value: string };
  readonly wildcard: boolean;
  readonly token: string;
  readonly keyAuthorization: string;
}

export interface StrictServerOptions {
  /** Default: a URL, so that clients have to agree. `null`: the CA has none. */
  readonly termsOfService?: string | null;
  /** Makes an external account binding necessary: key identifier → MAC key. Each is good for one account. */
  readonly externalAccounts?: Readonly<Record<string, Uint8Array>>;
  readonly profiles?: Readonly<Record<string, string>>;
  readonly caaIdentities?: readonly string[];
  /** Default true. */
  readonly renewalInfo?: boolean;
  /** Default true. */
  readonly keyChange?: boolean;
  /** A name that was proven once needs no proof in later orders of the account; default false. */
  readonly authorizationReuse?: boolean;
  /** No name needs any proof: orders are `ready` from the start; default false. */
  readonly readyAtOnce?: boolean;
  /** The challenge types that are offered; default `http-01`, `dns-01`, `tls-alpn-01`. */
  readonly challengeTypes?: readonly string[];
  /** Validates; the problem that it returns, if any, becomes the challenge's. Default: everything is valid. */
  readonly validate?: (
    attempt: ChallengeAttempt,
  ) => Problem | undefined | Promise<Problem | undefined>;
  /** How often an authorization is still `pending` when looked at after the answer; default 0. */
  readonly pendingLooks?: number;
  /** How often an order is still `processing` when looked at after finalize; default 0. -1: always. */
  readonly processingLooks?: number;
  /** Finalize answers with the valid order at once; default false: `processing`. */
  readonly finalizeAtOnce?: boolean;
  /** The `Retry-After` of pending authorizations and processing orders; default none. */
  readonly retryAfter?: string;
  /** Lifetime of certificates in seconds; default 90 days. */
  readonly lifetimeSeconds?: number;
  /** How many chains besides the default one; default 0. */
  readonly alternateChains?: number;
  /** The server's own TLS certificate. */
  readonly tls?: { readonly names?: readonly string[]; readonly expired?: boolean };
}
