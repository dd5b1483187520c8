/** The nonces that a CA has given and that were not used yet. Layer 2. */

/**
 * Last in, first out, because the newest lives longest; a nonce leaves before it is sent and never comes back.
 *
 * @see RFC 8555 §6.5, Replay Protection
 */
export interface NoncePool {
  /** A nonce that nobody else will get; `undefined` if there is none left that is young enough. */
  take(): string | undefined;
  /** Keeps a nonce of a response. */
  put(nonce: string): void;
  /** After a `badNonce`: what came before it is probably stale as well (a restarted CA, another data centre). */
  clear(): void;
}

export function createNoncePool(limit: number, now: () => number): NoncePool {
  let kept: { nonce: string; at: number }[] = [];
  return {
    take() {
      kept = kept.filter((entry) => now() - entry.at <= MAX_AGE_MS);
      return kept.pop()?.nonce;
    },
    put(nonce) {
      kept.push({ nonce, at: now() });
      if (kept.length > limit) kept.shift();
    },
    clear() {
      kept = [];
    },
  };
}

/**
 * The nonce of a `Replay-Nonce` header.
 *
 * RFC 8555 §6.5.1: "The value of the Replay-Nonce header field MUST be an octet string encoded according to the
 * base64url encoding … Clients MUST ignore invalid Replay-Nonce values."
 */
export function validNonce(header: string | null): string | undefined {
  const nonce = header?.trim() ?? "";
  return /^[A-Za-z0-9_-]{1,1024}$/.test(nonce) ? nonce : undefined;
}

const MAX_AGE_MS = 5 * 60_000;
