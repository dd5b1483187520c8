/** Calls to one service with the same credentials: one pace for all of this process, and repetitions while it is busy. */
import { delay } from "../util/abort";
import { type Backoff, backoffMs } from "../util/backoff";
import { createSemaphore } from "../util/concurrency";
import { sha256Of } from "../util/sha256";

/** What one call came to: its result, or why it is repeated. */
export type Attempt<T> =
  | { readonly result: T }
  | {
      /** "answers 503: …", "cannot be reached: …". */
      readonly failure: string;
      /** The service wants fewer calls: it is asked again for as long as it takes any. */
      readonly limited?: boolean;
      /** How long the service wants to be left alone. */
      readonly waitMs?: number;
    };

/** What a service takes from one account. */
export interface Limit {
  readonly calls: number;
  readonly perMs: number;
  /** For people: whose limit it is, and how much. */
  readonly words: string;
}

export interface CallContext {
  /** For messages: "Cloudflare". */
  readonly service: string;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

const MAX_TRIES = 5;
const BETWEEN_TRIES: Backoff = { initialMs: 500, factor: 2, maxMs: 10_000 };
/** Where a service wants a longer wait, the call fails and says so. Cloudflare wants up to five minutes. */
const MAX_WAIT_MS = 5 * 60_000;
/** A service that refused every call for so long has no room for this process at all. */
const MAX_REFUSING_MS = 40_000;
/** Between two calls, once the service wants fewer: from the first refusal, and at most. */
const SPACING_MS = { first: 250, most: 2000 };
/** Each call that is taken brings the calls closer again. */
const RECOVERY = 0.75;
const NO_LIMIT: Limit = { calls: 1, perMs: 0, words: "" };

/**
 * Others use the account as well, so a limit that is kept here can still be exceeded: after a refusal all calls are
 * spaced, twice as far with each further one, and closer again as they are taken.
 */
export class Pace {
  readonly #limit: Limit;
  readonly #turns = createSemaphore(1);
  /** When the last calls began, as many as the limit counts. */
  readonly #begun: number[] = [];
  #spacingMs = 0;
  #notBefore = 0;
  /** Calls that began before were refused for a reason that is known already. */
  #spacedAt = 0;
  /** Since when every call was refused. */
  #refusingSince: number | undefined;

  constructor(limit = NO_LIMIT) {
    this.#limit = limit;
  }

  /**
   * The result of `attempt`, which is repeated while it fails: five times, or while the service wants fewer calls until
   * the signal is aborted.
   *
   * @throws Error with the last failure
   */
  async call<T>(
    attempt: () => Promise<Attempt<T>>,
    { service, signal, progress }: CallContext,
  ): Promise<T> {
    for (let tries = 1; ;) {
      const began = await this.#turn(signal);
      const outcome = await attempt();
      if ("result" in outcome) {
        this.#taken();
        return outcome.result;
      }
      const { failure, limited = false } = outcome;
      if (limited) this.#refused(began, outcome.waitMs ?? 0);
      const wait =
        outcome.waitMs ?? (limited ? this.#spacingMs : backoffMs(BETWEEN_TRIES, tries - 1));
      const said = `${service} ${failure}${limited ? this.#words() : ""}`;
      const end = this.#hopeless(limited, tries, wait);
      if (end !== undefined) throw new Error(`${said}, ${end}`);
      progress(`${said}; next try in ${inSeconds(wait)}`);
      if (limited) continue;
      tries += 1;
      await delay(wait, signal);
    }
  }

  /** Why there is no further try. */
  #hopeless(limited: boolean, tries: number, waitMs: number): string | undefined {
    if (waitMs > MAX_WAIT_MS) return `and wants the next request in ${inSeconds(waitMs)}`;
    if (!limited) {
      return tries === MAX_TRIES ? `${String(MAX_TRIES)} times; try again later` : undefined;
    }
    const refusedMs = now() - (this.#refusingSince ?? now());
    if (refusedMs < MAX_REFUSING_MS) return undefined;
    return `and has taken no call for ${inSeconds(refusedMs)}; try again later`;
  }

  #words(): string {
    return this.#limit.words === "" ? "" : ` (${this.#limit.words})`;
  }

  /** Waits until the next call may begin, first come, first served. @returns when it begins */
  #turn(signal: AbortSignal): Promise<number> {
    return this.#turns.run(signal, async () => {
      for (let wait = this.#wait(); wait > 0; wait = this.#wait()) await delay(wait, signal);
      const began = now();
      this.#begun.push(began);
      if (this.#begun.length > this.#limit.calls) this.#begun.shift();
      return began;
    });
  }

  /** Whole milliseconds, as timers take them. */
  #wait(): number {
    const { calls, perMs } = this.#limit;
    const last = this.#begun.at(-1) ?? -Infinity;
    const counted = this.#begun.length < calls ? undefined : this.#begun[0];
    const next = Math.max(this.#notBefore, last + this.#spacingMs, (counted ?? -Infinity) + perMs);
    return Math.ceil(next - now());
  }

  #taken(): void {
    this.#refusingSince = undefined;
    this.#spacingMs = this.#spacingMs < SPACING_MS.first / 4 ? 0 : this.#spacingMs * RECOVERY;
  }

  #refused(began: number, waitMs: number): void {
    this.#refusingSince ??= began;
    this.#notBefore = Math.max(this.#notBefore, now() + waitMs);
    if (began < this.#spacedAt) return;
    this.#spacedAt = now();
    this.#spacingMs = Math.min(SPACING_MS.most, Math.max(SPACING_MS.first, this.#spacingMs * 2));
  }
}

/** By the digest of service and credentials, so that no credential is kept in clear. */
const paces = new Map<string, Pace>();

/** The pace that all of this process share who call the service with these credentials. */
export function paceFor(service: string, credentials: readonly unknown[], limit?: Limit): Pace {
  const key = sha256Of(JSON.stringify([service, credentials]));
  const pace = paces.get(key) ?? new Pace(limit);
  paces.set(key, pace);
  return pace;
}

/** Not the wall clock, which may be set meanwhile. */
function now(): number {
  return performance.now();
}

function inSeconds(milliseconds: number): string {
  return `${String(Math.ceil(milliseconds / 1000))} s`;
}
