/** The nonces that a CA has given and that were not used yet. */

export interface Nonce {
  readonly value: string;
  /** Which one it is of all that came from this CA. */
  readonly number: number;
}

/**
 * Last in, first out, because the newest lives longest; a nonce leaves before it is sent and never comes back.
 *
 * @see RFC 8555 §6.5, Replay Protection
 */
export interface NoncePool {
  /** A nonce that nobody else will get; `undefined` if there is none left that is young enough. */
  take(): Nonce | undefined;
  /** Counts a nonce that a response brought. */
  receive(value: string): Nonce;
  /** Keeps one for whoever comes next. */
  put(nonce: Nonce): void;
  /**
   * Forgets all that came before one that got a `badNonce`: they are probably stale as well (a restarted CA, another
   * data centre). Later ones are not: a CA that refuses by chance would else cost everybody a request for a new one.
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

const MAX_AGE_MS = 5 * 60_000;
