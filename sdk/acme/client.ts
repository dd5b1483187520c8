/** One CA as this process knows it: its directory, nonces, and limits. */
import type { DirectoryCache } from "./directory";
import { createNoncePool, type NoncePool } from "./nonces";
import { createSemaphore, type Semaphore } from "../util/concurrency";
import { checkDirectoryUrl } from "./urls";

/** What the client needs of a response; the `Response` of the platform's `fetch` is one. */
export interface AcmeResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Sends one request as it is: follows no redirect, repeats nothing. */
export type AcmeFetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal?: AbortSignal;
  },
) => Promise<AcmeResponse>;

/**
 * A handle that all functions of this folder take; create one per CA and process, so that nonces and the directory
 * are shared. Everything but `directoryUrl` is for this folder alone.
 */
export interface AcmeClient {
  readonly directoryUrl: string;
  /** @internal */
  readonly fetch: AcmeFetch;
  /** @internal */
  readonly userAgent: string;
  /** @internal Epoch milliseconds. */
  readonly now: () => number;
  /** @internal */
  readonly random: () => number;
  /** @internal */
  readonly requestTimeoutMs: number;
  /** @internal */
  readonly onRequest: (request: { method: string; url: string }) => void;
  /** @internal */
  readonly nonces: NoncePool;
  /** @internal */
  readonly slots: Semaphore;
  /** @internal */
  readonly directory: DirectoryCache;
}

/** Given to every function that talks to the CA. */
export interface AcmeRequestOptions {
  /** Stops what is under way; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Sends nothing yet.
 *
 * @param options.directoryUrl - https; plain http for a loopback host only
 * @param options.userAgent - RFC 8555 §6.1 wants one that names the client
 * @param options.now - epoch milliseconds; default the system's clock
 * @param options.requestTimeoutMs - for one exchange, default 100 000
 * @param options.maxConcurrent - exchanges under way at once, default 10
 * @param options.onRequest - called before each exchange, repetitions and nonces too
 * @throws {@link ConfigurationError} for a directory URL that is none
 */
export function createAcmeClient(options: {
  readonly directoryUrl: string;
  readonly fetch: AcmeFetch;
  readonly userAgent?: string;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly requestTimeoutMs?: number;
  readonly maxConcurrent?: number;
  readonly onRequest?: (request: { method: string; url: string }) => void;
}): AcmeClient {
  checkDirectoryUrl(options.directoryUrl);
  const now = options.now ?? Date.now;
  const maxConcurrent = options.maxConcurrent ?? DEFAULT_CONCURRENT;
  return {
    directoryUrl: options.directoryUrl,
    fetch: options.fetch,
    userAgent: options.userAgent ?? `pulumi-acme undici node/${process.versions.node}`,
    now,
    random: options.random ?? Math.random,
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    onRequest: options.onRequest ?? ((): void => undefined),
    // Every request under way will bring a nonce back; a smaller pool would throw some away.
    nonces: createNoncePool(Math.max(MIN_NONCES, maxConcurrent), now),
    slots: createSemaphore(maxConcurrent),
    directory: {},
  };
}

const DEFAULT_CONCURRENT = 10;
const DEFAULT_TIMEOUT_MS = 100_000;
const MIN_NONCES = 10;
