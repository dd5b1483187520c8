/**
 * The contract of all solvers.
 *
 * A solver presents all its proofs, then the CA validates them, then everything is cleaned up, whatever happened.
 */
import type { AcmeIdentifier } from "../acme";

export { ChallengeError } from "../util/errors";

/** One challenge that the CA offers for one name, with what answers it. */
export interface Proof {
  /** As in the authorization: for a wildcard the name without `*.`. */
  readonly identifier: AcmeIdentifier;
  readonly wildcard: boolean;
  /** The challenge's type as in RFC 8555 §8: `http-01`, `dns-01` … */
  readonly type: string;
  readonly token: string;
  /** RFC 8555 §8.1. */
  readonly keyAuthorization: string;
  /** In place of a token, dns-persist-01 names the CA, and perhaps the account. */
  readonly issuerDomainNames?: readonly string[];
  readonly accountUri?: string;
}

export interface SolverContext {
  readonly signal: AbortSignal;
  /** One line about what is being done, for the resource's row. */
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
}

export interface Presentation {
  /** Undoes what {@link Solver.present} did. Idempotent; tries everything before it throws. */
  cleanUp(): Promise<void>;
  /** Why the CA will find nothing any more, as when a tunnel was cut; `undefined` when nothing is known to be wrong. */
  broken?(): string | undefined;
}

export interface Solver {
  /** The challenge type that it answers. */
  readonly challengeType: string;
  /** For messages: "http-01 by webroot /var/www on web-1". */
  readonly label: string;
  /**
   * Makes all of `proofs` answerable. When it throws it has undone what it did.
   */
  present(proofs: readonly Proof[], context: SolverContext): Promise<Presentation>;
}
