/** Answers of a service that many certificates of one run need, such as its zones. */
import { unlessAborted } from "../../util/abort";
import { withLock } from "../../util/concurrency";

/** Short, since the same program may make a zone meanwhile; long enough for one run of many certificates. */
const KEPT_MS = 60_000;

/**
 * Asks each question once, for all who share this. Who asks with the signal of a certificate that is given up does not
 * spoil the answer for the others: the next one asks again.
 */
export class Remembered<T> {
  readonly #answers = new Map<string, { readonly value: T; readonly at: number }>();

  /** @param label - of all these questions, for the lock */
  constructor(private readonly label: string) {}

  /**
   * What `ask` answered, here or before.
   *
   * @param since - of `performance.now()`: nothing asked before it counts; default: a minute ago
   */
  get(
    question: string,
    signal: AbortSignal,
    ask: () => Promise<T>,
    since = performance.now() - KEPT_MS,
  ): Promise<T> {
    const answer = withLock([`${this.label} ${question}`], async () => {
      const known = this.#answers.get(question);
      if (known !== undefined && known.at >= since) return known.value;
      signal.throwIfAborted();
      const at = performance.now();
      const value = await ask();
      this.#answers.set(question, { value, at });
      return value;
    });
    return unlessAborted(signal, answer);
  }
}
