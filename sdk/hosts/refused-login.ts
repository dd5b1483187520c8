/** A host that refuses a login: when that may mend itself, and that nobody asks again at once. */
import { delay } from "../util/abort";
import { gaveUp } from "./dial";
import { type Connection, HostError, type OpenOptions } from "./host";

/** The host let nobody in: not a key that cannot be read, which no second try mends. */
export class LoginRefused extends HostError {
  constructor(at: { host: string; step: string; detail: string }, options?: ErrorOptions) {
    super("authentication", at, options);
  }
}

/**
 * Half a minute in all. Seldom: sshd counts five seconds for every login that fails, and shuts everybody of this
 * address out from fifteen on (PerSourcePenalties in OpenSSH 9.8 and newer).
 */
const WAITS_MS = [5000, 10_000, 15_000];
/** Shorter than the first wait, so that who waited does try again. */
const REMEMBERED_MS = 4000;

interface Clock {
  readonly pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

/**
 * Runs `attempt`, and on a refused login again after a while: on a machine that has just been made, cloud-init or a
 * guest agent may put the key there some seconds after sshd answers. At most `dialErrorLimit` tries.
 *
 * @see pulumi/pulumi-command#35
 */
export async function untilLetIn<T>(
  { dialErrorLimit = -1 }: Pick<Connection, "dialErrorLimit">,
  attempt: () => Promise<T>,
  { signal, progress }: OpenOptions,
  { pause = delay, now = Date.now }: Clock = {},
): Promise<T> {
  const startedAt = now();
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error;
      const wait = tries === dialErrorLimit ? undefined : WAITS_MS[tries - 1];
      if (wait === undefined) throw gaveUp(error, tries, now() - startedAt);
      const seconds = String(wait / 1000);
      progress?.(`${error.message}; a new machine may get its keys later: again in ${seconds} s`);
      await pause(wait, signal);
    }
  }
}

/**
 * The refusals of the last seconds. Who comes with the same login shares them: several resources with one wrong key
 * would shut out every right login from here.
 */
export class Refusals {
  readonly #recent = new Map<string, { readonly error: LoginRefused; readonly at: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** What `open` gives, unless that login was refused a moment ago. */
  async shared<T>(key: string, open: () => Promise<T>): Promise<T> {
    const recent = this.#recent.get(key);
    if (recent !== undefined && this.#now() - recent.at < REMEMBERED_MS) throw recent.error;
    this.#recent.delete(key);
    try {
      return await open();
    } catch (error) {
      if (error instanceof LoginRefused) this.#recent.set(key, { error, at: this.#now() });
      throw error;
    }
  }
}
