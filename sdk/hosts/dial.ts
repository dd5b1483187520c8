/** Trying again to reach a host that does not answer (yet): it may be starting. */
import { delay, withDeadline } from "../util/abort";
import { backoffMs } from "../util/backoff";
import { TimeoutError } from "../util/errors";
import { type Connection, HostError } from "./host";

const BACKOFF = { initialMs: 500, factor: 2, maxMs: 8000 };
const DEFAULT_TRIES = 10;
const DEFAULT_SECONDS_PER_TRY = 15;
/** However many tries there are, a resource's row must not stand still for longer. */
const TOTAL_MS = 5 * 60 * 1000;

export interface DialOptions {
  readonly signal: AbortSignal;
  readonly progress?: ((message: string) => void) | undefined;
  /** Waits in tests take no time. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

/**
 * Runs `attempt` until it succeeds: at most `dialErrorLimit` times (-1: without a limit), each of at most
 * `perDialTimeout` seconds (0: without a limit), five minutes in all. Only what may mend itself is tried again.
 */
export async function dial<T>(
  host: string,
  limits: Pick<Connection, "dialErrorLimit" | "perDialTimeout">,
  attempt: (signal: AbortSignal) => Promise<T>,
  options: DialOptions,
): Promise<T> {
  const { signal, progress, pause = delay, now = Date.now } = options;
  const { dialErrorLimit = DEFAULT_TRIES, perDialTimeout = DEFAULT_SECONDS_PER_TRY } = limits;
  const most = dialErrorLimit < 0 ? Number.POSITIVE_INFINITY : Math.max(1, dialErrorLimit);
  const startedAt = now();
  for (let tries = 1; ; tries++) {
    const left = TOTAL_MS - (now() - startedAt);
    const own = perDialTimeout <= 0 ? left : Math.min(left, perDialTimeout * 1000);
    try {
      return await oneTry(host, own, signal, attempt);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HostError) || !mayMendItself(error)) throw error;
      const wait = backoffMs(BACKOFF, tries - 1);
      const spent = now() - startedAt;
      if (tries >= most || spent + wait >= TOTAL_MS) throw gaveUp(error, tries, spent);
      const of = Number.isFinite(most) ? ` of ${String(most)}` : "";
      progress?.(`${error.message} (try ${String(tries)}${of})`);
      await pause(wait, signal);
    }
  }
}

async function oneTry<T>(
  host: string,
  milliseconds: number,
  signal: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline("connecting", milliseconds, signal, attempt);
  } catch (error) {
    if (signal.aborted || !(error instanceof TimeoutError)) throw error;
    const detail = `no answer within ${String(Math.round(milliseconds / 100) / 10)} s (perDialTimeout)`;
    throw new HostError("timeout", { host, step: "connect", detail });
  }
}

function mayMendItself(error: HostError): boolean {
  return error.code === "unreachable" || error.code === "timeout";
}

/** The same error, with how often it was tried. */
export function gaveUp(error: HostError, tries: number, spentMs: number): HostError {
  if (tries === 1) return error;
  const head = `${error.host}: ${error.step}: `;
  const said = error.message.startsWith(head) ? error.message.slice(head.length) : error.message;
  const detail = `${said} (tried ${String(tries)} times in ${String(Math.round(spentMs / 1000))} s)`;
  return new HostError(
    error.code,
    { host: error.host, step: error.step, detail },
    { cause: error.cause },
  );
}
