/** The preflight of tls-alpn-01: makes the handshake for every challenge as the CA will. */
import { checkChallenges, type PreflightOptions } from "../preflight/check";
import type { Proof } from "../solver";
import { handshake } from "./handshake";

export interface TlsAlpn01PreflightOptions extends PreflightOptions {
  /** Where the CA asks; default 443. */
  readonly tlsPort?: number;
}

/** @throws {@link ChallengeError} naming every name that cannot be proven, what was asked, and what came back. */
export async function checkTlsAlpn01(
  proofs: readonly Proof[],
  { tlsPort: port = 443, ...options }: TlsAlpn01PreflightOptions,
): Promise<void> {
  await checkChallenges(proofs, options, (proof, probeOptions) =>
    handshake(proof, { port, ...probeOptions }),
  );
}
