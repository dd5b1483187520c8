/**
 * Asking for the certificates of tls-alpn-01 before the CA does.
 *
 * As with http-01 it stops the issuance only for what the CA will see as well: DNS that denies the name, another TLS
 * server on the port, another certificate, a port of the loopback interface that refuses. All else is a warning.
 */
import { delay } from "../../util/abort";
import { singleLine } from "../../util/text";
import { mapConcurrent } from "../../util/concurrency";
import { ChallengeError, type Proof, type SolverContext } from "../solver";
import { handshake, HandshakeFailure } from "./handshake";

export interface PreflightOptions extends SolverContext {
  /** Where the CA asks; default 443. */
  readonly tlsPort?: number;
  /** `ip:port` of the name servers to ask; default: this machine's own way. */
  readonly resolvers?: readonly string[];
  /** Waits in tests take no time. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const AT_ONCE = 16;
const AGAIN_AFTER_MS = [300, 1200];

/**
 * Shakes hands for every challenge as the CA will.
 *
 * @throws {@link ChallengeError} naming every name that cannot be proven, what was asked, and what came back.
 */
export async function checkTlsAlpn01(
  proofs: readonly Proof[],
  options: PreflightOptions,
): Promise<void> {
  const complaints = await mapConcurrent(AT_ONCE, proofs, (proof) => {
    options.progress(`asks for the challenge of ${proof.identifier.value} as the CA will`);
    return checkOne(proof, options);
  });
  const lines = complaints.filter((complaint) => complaint !== undefined);
  if (lines.length === 0) return;
  throw new ChallengeError(
    `${lines.join("; ")} (the CA was not asked; preflight: false would ask it all the same)`,
  );
}

/** What is wrong with one name; `undefined` when nothing is, or nothing that the CA must see as well. */
async function checkOne(proof: Proof, options: PreflightOptions): Promise<string | undefined> {
  const { tlsPort: port = 443, resolvers = [], signal, pause = delay } = options;
  const start = `tls-alpn-01 for ${proof.identifier.value}`;
  for (let tries = 0; ; tries++) {
    try {
      const { remarks } = await handshake(proof, { port, resolvers, signal });
      for (const remark of remarks) options.warn(`${start}: ${remark}`);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HandshakeFailure)) throw error;
      const words = singleLine(error.message);
      if (!error.evident) {
        options.warn(`${start}: cannot be checked from here, the CA may see more: ${words}`);
        return undefined;
      }
      const wait = AGAIN_AFTER_MS[tries];
      if (wait === undefined) return `${start}: ${words}`;
      await pause(wait, signal);
    }
  }
}
