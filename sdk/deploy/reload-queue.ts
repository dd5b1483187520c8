/**
 * One run of a reload for all deployments on a host that want the same one at the same time.
 *
 * A run counts for everybody whose files were switched before it began. So a run waits for those who are on their
 * way to it, for a while; who becomes ready later waits for the next one.
 */
import { delay } from "../util/abort";

/** How long a deployment that is ready waits for others that are still being written. */
const GATHERING_MS = 3000;

export interface ReloadTicket {
  /**
   * Call when the files are switched. Resolves with "own" when `run` was run, with "shared" when another's was; where
   * another's failed, `run` is run, because the failure may have been that one's alone.
   */
  reload(run: () => Promise<void>): Promise<"own" | "shared">;
  /** Call in the end, whatever happened. */
  leave(): void;
}

interface Waiting {
  readonly run: () => Promise<void>;
  readonly resolve: (how: "own" | "shared") => void;
  readonly reject: (error: unknown) => void;
}

class Queue {
  readonly #coming = new Set<symbol>();
  #waiting: Waiting[] = [];
  #running = false;
  #wake: () => void = () => undefined;

  get idle(): boolean {
    return this.#coming.size === 0 && this.#waiting.length === 0 && !this.#running;
  }

  enter(onLeave: () => void): ReloadTicket {
    const ticket = Symbol("deployment");
    this.#coming.add(ticket);
    const arrive = (): void => {
      this.#coming.delete(ticket);
      this.#wake();
    };
    return {
      reload: (run) =>
        new Promise((resolve, reject) => {
          this.#waiting.push({ run, resolve, reject });
          arrive();
          void this.#serve();
        }),
      leave: () => {
        arrive();
        onLeave();
      },
    };
  }

  async #serve(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) {
      await this.#gather();
      await runOnce(this.#waiting.splice(0));
    }
    this.#running = false;
  }

  async #gather(): Promise<void> {
    const patience = new AbortController();
    const over = delay(GATHERING_MS, patience.signal).then(
      () => "over" as const,
      () => "over" as const,
    );
    while (this.#coming.size > 0) {
      const arrival = new Promise<"arrival">((resolve) => {
        this.#wake = () => {
          resolve("arrival");
        };
      });
      if ((await Promise.race([arrival, over])) === "over") break;
    }
    patience.abort();
  }
}

/** Runs the first one's for all; after a failure each one's own. */
async function runOnce(batch: readonly Waiting[]): Promise<void> {
  let done = false;
  for (const { run, resolve, reject } of batch) {
    if (done) {
      resolve("shared");
      continue;
    }
    try {
      await run();
      done = true;
      resolve("own");
    } catch (error) {
      reject(error);
    }
  }
}

const queues = new Map<string, Queue>();

/** Announces a deployment on `host` that will want `command` run. */
export function enterReload(host: string, command: string): ReloadTicket {
  const key = JSON.stringify([host, command]);
  const queue = queues.get(key) ?? new Queue();
  queues.set(key, queue);
  return queue.enter(() => {
    if (queue.idle && queues.get(key) === queue) queues.delete(key);
  });
}
