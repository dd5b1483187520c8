/** How many commands one SSH connection carries at once. */
import { delay } from "../../util/abort";
import type { ChannelKind } from "../session";

/**
 * sshd's default is `MaxSessions 10`, and it counts a session until its last process is reaped: at ten, an open was
 * refused now and then.
 */
const LIMIT = 8;
/** A conversation may wait for a run on the same host (to test, to reload): these must not take every place. */
const CONVERSATION_LIMIT = 6;

const TRIES_ALONE = 4;
const PAUSE_ALONE_MS = 150;

/** The server opens no further channel now. */
export class ChannelRefused extends Error {
  override readonly name = "ChannelRefused";
  /** The server's reason code, RFC 4254 §5.1. */
  readonly reason: unknown;

  constructor(message: string, reason?: unknown) {
    super(message);
    this.reason = reason;
  }
}

export interface OpenChannel<T> {
  readonly value: T;
  readonly closed: Promise<void>;
}

interface Waiting {
  readonly kind: ChannelKind;
  admit(): void;
}

export class Channels {
  #limit = LIMIT;
  #open = 0;
  #conversations = 0;
  readonly #waiting: Waiting[] = [];

  /** Opens a channel by `open` as soon as there is a place; a server that allows fewer is learnt from. */
  async open<T>(
    kind: ChannelKind,
    signal: AbortSignal,
    open: () => Promise<OpenChannel<T>>,
  ): Promise<T> {
    for (let alone = 0; ;) {
      await this.#admitted(kind, signal);
      try {
        const { value, closed } = await open();
        void closed.finally(() => {
          this.#leave(kind);
        });
        return value;
      } catch (error) {
        const others = this.#open - 1;
        if (error instanceof ChannelRefused && others > 0)
          this.#limit = Math.min(this.#limit, others);
        this.#leave(kind);
        if (!(error instanceof ChannelRefused)) throw error;
        if (others > 0) continue;
        // Nothing of ours is open: either the server has not noticed yet, or it never allows one.
        if (++alone >= TRIES_ALONE) throw error;
        await delay(PAUSE_ALONE_MS, signal);
      }
    }
  }

  async #admitted(kind: ChannelKind, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#hasPlaceFor(kind)) {
      this.#enter(kind);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        kind,
        admit: () => {
          signal.removeEventListener("abort", abort);
          resolve();
        },
      };
      this.#waiting.push(waiting);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  #hasPlaceFor(kind: ChannelKind): boolean {
    if (kind === "housekeeping") return true;
    if (this.#open >= this.#limit) return false;
    const most = Math.max(1, Math.min(CONVERSATION_LIMIT, this.#limit - 2));
    return kind === "run" || this.#conversations < most;
  }

  #enter(kind: ChannelKind): void {
    this.#open += 1;
    if (kind === "conversation") this.#conversations += 1;
  }

  #leave(kind: ChannelKind): void {
    this.#open -= 1;
    if (kind === "conversation") this.#conversations -= 1;
    for (let index = 0; index < this.#waiting.length;) {
      const next = this.#waiting[index];
      if (next === undefined || !this.#hasPlaceFor(next.kind)) {
        index += 1;
        continue;
      }
      this.#waiting.splice(index, 1);
      this.#enter(next.kind);
      next.admit();
    }
  }
}
