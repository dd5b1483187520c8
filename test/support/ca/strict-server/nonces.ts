/** The nonces of the strict ACME server, each good for one request. */
import { randomBytes } from "node:crypto";

export class Nonces {
  readonly #fresh = new Set<string>();
  readonly #used = new Set<string>();
  /** Set by {@link forget}: clients may then come with nonces that nobody knows. */
  forgot = false;

  issue(): string {
    const nonce = randomBytes(16).toString("base64url");
    this.#fresh.add(nonce);
    return nonce;
  }

  /** The nonce's state; it counts as used afterwards. */
  use(nonce: string): "fresh" | "used" | "unknown" {
    if (this.#used.has(nonce)) return "used";
    if (!this.#fresh.delete(nonce)) return "unknown";
    this.#used.add(nonce);
    return "fresh";
  }

  /** As after a restart. */
  forget(): void {
    this.#fresh.clear();
    this.forgot = true;
  }
}
