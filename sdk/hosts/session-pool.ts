/** Sessions shared within this process: opened by the first who needs one, closed a little after the last. */
import { unlessAborted } from "../util/abort";
import type { Session } from "./session";

export interface Lease {
  readonly session: Session;
  readonly release: () => void;
}

interface Entry {
  readonly opening: Promise<Session>;
  readonly abandon: AbortController;
  users: number;
  session?: Session;
  timer?: NodeJS.Timeout;
}

/** Long enough for the next resource's operation to find the connection open. */
const LINGER_MS = 2000;

export class SessionPool {
  readonly #entries = new Map<string, Entry>();
  readonly #lingerMs: number;

  constructor(lingerMs = LINGER_MS) {
    this.#lingerMs = lingerMs;
  }

  /**
   * A share in the session with that key. Who stops waiting for it does not disturb the others; when nobody waits
   * any more, opening it is given up.
   */
  async lease(
    key: string,
    open: (signal: AbortSignal) => Promise<Session>,
    signal?: AbortSignal,
  ): Promise<Lease> {
    signal?.throwIfAborted();
    const entry = this.#entries.get(key) ?? this.#opened(key, open);
    entry.users += 1;
    clearTimeout(entry.timer);
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      this.#leave(key, entry);
    };
    try {
      return { session: await unlessAborted(signal, entry.opening), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #opened(key: string, open: (signal: AbortSignal) => Promise<Session>): Entry {
    const abandon = new AbortController();
    const opening = open(abandon.signal);
    const entry: Entry = { opening, abandon, users: 0 };
    this.#entries.set(key, entry);
    opening.then(
      (session) => {
        entry.session = session;
        if (entry.users === 0) session.close();
        void session.closed.then(() => {
          this.#forget(key, entry);
        });
      },
      () => {
        this.#forget(key, entry);
      },
    );
    return entry;
  }

  #leave(key: string, entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    const { session } = entry;
    if (session === undefined) {
      this.#forget(key, entry);
      entry.abandon.abort(new Error("nobody waits for this connection any more"));
      return;
    }
    entry.timer = setTimeout(() => {
      this.#forget(key, entry);
      session.close();
    }, this.#lingerMs).unref();
  }

  /* Another entry may have taken the place of one that failed. */
  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}
