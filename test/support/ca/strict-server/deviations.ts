/** What a client did that the RFC forbids. */

export interface Deviation {
  /** The row of the protocol checklist, such as `J-3`. */
  readonly rule: string;
  readonly endpoint: string;
  readonly message: string;
}

export class Deviations {
  readonly #found: Deviation[] = [];
  readonly #tolerated = new Set<string>();

  record(rule: string, endpoint: string, message: string): void {
    if (!this.#tolerated.has(rule)) this.#found.push({ rule, endpoint, message });
  }

  /** From now on, breaches of this rule are expected: the test itself provokes them. */
  tolerate(rule: string): void {
    this.#tolerated.add(rule);
  }

  get found(): readonly Deviation[] {
    return this.#found;
  }

  /** Throws an error that lists them, if there are any. */
  assertNone(): void {
    if (this.#found.length === 0) return;
    const lines = this.#found.map(
      ({ rule, endpoint, message }) => `${rule} at ${endpoint}: ${message}`,
    );
    throw new Error(`the client deviated from RFC 8555:\n${lines.join("\n")}`);
  }
}
