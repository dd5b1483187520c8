/** The nonces of a CA that are not used yet. */

const MAX_AGE_MS = 5 * 60_000;

export interface Nonce {
  readonly value: string;
  /** Counts all nonces of this CA, from 1. */
  readonly number: number;
}

/**
 * Last in, first out, because the newest nonce lives longest. A nonce is taken before it is sent, and is not put back.
 *
 * @see RFC 8555 §6.5, Replay Protection
 */
export interface NoncePool {
  /** A nonce, given out once; `undefined` if none is left that is young enough. */
  take(): Nonce | undefined;
  /** Numbers a nonce of a response. */
  receive(value: string): Nonce;
  /** Keeps one for a later request. */
  put(nonce: Nonce): void;
  /**
   * After a `badNonce`, drops that nonce and all older ones: they are probably stale too (the CA was restarted, or it is
   * another data centre). Newer ones stay: some CAs refuse nonces at random.
   */
  refused(nonce: Nonce): void;
}

export function createNoncePool(limit: number, now: () => number): NoncePool {
  let received = 0;
  let kept: { nonce: Nonce; at: number }[] = [];
  return {
    take() {
      kept = kept.filter(({ at }) => now() - at <= MAX_AGE_MS);
      return kept.pop()?.nonce;
    },
    receive(value) {
      return { value, number: ++received };
    },
    put(nonce) {
      kept.push({ nonce, at: now() });
      if (kept.length > limit) kept.shift();
    },
    refused({ number }) {
      kept = kept.filter(({ nonce }) => nonce.number > number);
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
