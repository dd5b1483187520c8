/** Wrong answers on request. */
import type { EndpointName, StrictRequest } from "./request";
import type { StrictResponse } from "./response";

/** A response, a connection that is cut, or silence. */
export type Outcome = StrictResponse | "reset" | "silence";

/** Changes the right answer. */
export type Change = (
  response: StrictResponse,
  request: StrictRequest,
) => Outcome | Promise<Outcome>;

/** Answers in place of the server, which does not act on the request. */
export type Answer = (request: StrictRequest) => Outcome | Promise<Outcome>;

interface Hook {
  readonly endpoint: EndpointName;
  readonly nth: number | "every";
  seen: number;
  readonly change?: Change;
  readonly answer?: Answer;
}

export class Scenario {
  readonly #hooks: Hook[] = [];

  on(endpoint: EndpointName, nth: number | "every", change: Change): void {
    this.#hooks.push({ endpoint, nth, seen: 0, change });
  }

  instead(endpoint: EndpointName, nth: number | "every", answer: Answer): void {
    this.#hooks.push({ endpoint, nth, seen: 0, answer });
  }

  /** What is set for this request; counts it. */
  next(endpoint: EndpointName): { changes: Change[]; answer: Answer | undefined } {
    const due = this.#hooks.filter((hook) => {
      if (hook.endpoint !== endpoint) return false;
      hook.seen++;
      return hook.nth === "every" || hook.nth === hook.seen;
    });
    return {
      changes: due.flatMap(({ change }) => (change === undefined ? [] : [change])),
      answer: due.find(({ answer }) => answer !== undefined)?.answer,
    };
  }
}
