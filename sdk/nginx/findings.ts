/** Collects what is wrong with a configuration while it is being read. */
import type { SiteProblem } from "./config";
import { readRaw } from "./raw";

/** Whether a value is known already. In previews some are not. */
export type KnownAccount = (value: unknown) => boolean;

/** More is nobody's wish, and some of nginx's numbers end soon after. */
const MAX_COUNT = 100_000;

export class Findings {
  readonly #problems: SiteProblem[] = [];
  readonly #known: KnownAccount;

  constructor(known: KnownAccount) {
    this.#known = known;
  }

  get all(): readonly SiteProblem[] {
    return this.#problems;
  }

  knows(value: unknown): boolean {
    return this.#known(value);
  }

  add(path: string, reason: string): void {
    this.#problems.push({ path, reason });
  }

  required(path: string, value: unknown): void {
    if (value === undefined) this.add(path, "is missing");
  }

  /** A text, if there is one and it is known. */
  text(path: string, value: unknown, problemOf: (value: string) => string | undefined): void {
    if (value === undefined || !this.#known(value)) return;
    const problem = typeof value === "string" ? problemOf(value) : "must be a text";
    if (problem !== undefined) this.add(path, problem);
  }

  /** The list, if it is one and known. Programs in JavaScript may hand over anything. */
  list<T>(path: string, value: readonly T[] | undefined): readonly T[] | undefined {
    if (value === undefined && path === "serverNames") this.required(path, value);
    if (value === undefined || !this.#known(value)) return undefined;
    if (Array.isArray(value)) return value as readonly T[];
    this.add(path, "must be a list");
    return undefined;
  }

  /** A whole number, if there is one and it is known. */
  count(path: string, value: unknown, least: number): void {
    if (value === undefined || !this.#known(value)) return;
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= MAX_COUNT) return;
    this.add(path, `must be a whole number from ${String(least)} to ${String(MAX_COUNT)}`);
  }

  object<T extends object>(path: string, value: T | undefined): T | undefined {
    if (value === undefined || !this.#known(value)) return undefined;
    if (typeof value === "object") return value;
    this.add(path, "must be an object");
    return undefined;
  }

  /** @param at - the path of what may have a `websocket`, with its dot. */
  websocket(
    at: string,
    given: { readonly websocket?: boolean; readonly proxyPass?: string },
  ): void {
    if (given.websocket === true && given.proxyPass === undefined)
      this.add(`${at}websocket`, "needs a proxyPass beside it");
  }

  /** Text for nginx that the user wrote: anything, as long as it stays within its place. */
  raw(path: string, value: unknown): void {
    this.text(path, value, (text) => {
      // eslint-disable-next-line no-control-regex -- these are what nginx cannot be given
      if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) {
        return "contains a control character";
      }
      if (/\p{Cs}/u.test(text)) return "is not valid Unicode";
      const read = readRaw(text);
      return "problem" in read ? read.problem : undefined;
    });
  }
}
