/** How many certificates of this process need the same answer, as when a CA gives one authorization to two orders. */
export class Uses {
  readonly #counts = new Map<string, number>();

  retain(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Whether nobody needs it any more. */
  release(key: string): boolean {
    const left = (this.#counts.get(key) ?? 1) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
    return left <= 0;
  }
}
