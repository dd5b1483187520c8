/**
 * What has taken the place of a resource that is deleted.
 *
 * `delete` is handed the outputs of one life of a resource and does not know of another. But the process serves one
 * `up`: it has seen the replacement being created before, or, where an earlier `up` left the deletion over, being compared.
 */
import type { Properties } from "./handler";

export class Succession<State> {
  readonly #living = new Map<unknown, State>();
  readonly #renamed = new Map<unknown, unknown>();

  /** `state` is how the resource with the URN of `inputs` lives on. */
  lives(inputs: Properties, state: State): void {
    this.#living.set(inputs["__urn"], state);
  }

  /** An alias: outputs of before name the URN of before. */
  follows(olds: Properties, news: Properties): void {
    if (olds["__urn"] !== news["__urn"]) this.#renamed.set(olds["__urn"], news["__urn"]);
  }

  /** Whether the program still has the resource with this URN, as far as this `up` has come to it. */
  isLiving(urn: string): boolean {
    return this.#living.has(urn);
  }

  /** The state of what lives under the URN of `outs` now, which may be the same life. */
  successorOf(outs: Properties): State | undefined {
    const urn = outs["__urn"];
    if (urn === undefined) return undefined;
    return this.#living.get(this.#renamed.get(urn) ?? urn);
  }
}
