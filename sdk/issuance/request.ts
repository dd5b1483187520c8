/** What one issuance is asked for, what it needs from outside, and what comes of it. */
import type { AcmeIdentifier } from "../acme";
import type { Proof, Solver, SolverContext } from "../challenges/solver";
import type { CheckedChain } from "../x509/chain";
import type { SolverArguments } from "./solver-arguments";

export interface IssuanceRequest {
  readonly identifiers: readonly AcmeIdentifier[];
  readonly solvers: readonly SolverArguments[];
  /** PKCS#10, DER. */
  readonly certificateRequest: Uint8Array;
  /** Of the request's key, base64, as `publicKeySha256` gives it. */
  readonly publicKeySha256: string;
  readonly profile?: string;
  /** The ARI identifier of the certificate that this one takes the place of, RFC 9773 §5. */
  readonly replaces?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly preferredChain?: string;
}

/** What a former run reached at the CA. */
export interface Checkpoint {
  readonly orderUrl: string;
  readonly certificateUrl?: string;
  /** Since when the certificate is known to be of no use, RFC 3339. */
  readonly unfitSince?: string;
}

/** Where a run writes down what it reached, and its progress. */
export interface ResumableContext extends SolverContext {
  /** Called as soon as the CA has something that the next run would need. */
  readonly reached: (checkpoint: Checkpoint) => void;
}

export interface IssuanceContext extends ResumableContext {
  readonly now: () => number;
  /** What carries out an entry of `solvers`. */
  solverOf(entry: SolverArguments): Solver | Promise<Solver>;
  /** Looks from here whether the CA will find what was presented; throws to keep it from being asked. */
  preflight(proofs: readonly Proof[]): Promise<void>;
}

export interface Obtained {
  readonly chain: CheckedChain;
  readonly certificateUrl: string;
  /** As the order names it. */
  readonly profile?: string;
}

/** The order cannot lead to the certificate; only another order can. */
export class UnusableOrderError extends Error {
  override readonly name = "UnusableOrderError";
  readonly reason: UnusableReason;

  constructor(reason: UnusableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export type UnusableReason =
  /** The order failed, expired, or is not known to the CA. */
  | "dead"
  /** An authorization or a challenge of it had failed, expired … before anything was answered. */
  | "spent"
  /** The order is valid, and its certificate cannot be had. */
  | "noCertificate"
  /** The CA does not offer the challenge that was asked for. */
  | "unanswerable";

/** Whether `error` says that another order is needed, for `reason` where one is given. */
export function isUnusable(error: unknown, reason?: UnusableReason): boolean {
  return error instanceof UnusableOrderError && (reason === undefined || error.reason === reason);
}
