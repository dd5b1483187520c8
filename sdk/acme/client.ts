/** One CA as this process knows it: its directory, its nonces, limits. */
import { createSemaphore, type Semaphore } from "../util/concurrency";
import type { Directory } from "./directory-object";
import { createNoncePool, type NoncePool } from "./nonces";
import type { AcmeProblemError } from "./problems";
import type { NonceCount } from "./retry";
import { checkDirectoryUrl } from "./urls";

const DEFAULT_CONCURRENT = 10;
const DEFAULT_TIMEOUT_MS = 100_000;
const MIN_NONCES = 10;

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

export interface AcmeClientOptions {
  /** `https`; plain `http` for a loopback host only. */
  readonly directoryUrl: string;
  readonly fetch: AcmeFetch;
  /** RFC 8555 §6.1: "SHOULD include the name and version of the ACME software". */
  readonly userAgent: string;
  /** Epoch milliseconds. Default: the system's clock. */
  readonly now?: () => number;
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** For one exchange. Default: 100 000. */
  readonly requestTimeoutMs?: number;
  /** How many exchanges are under way at once. Default: 10. */
  readonly maxConcurrent?: number;
  /** Called before each exchange, also for repetitions and nonces. */
  readonly onRequest?: (request: { method: string; url: string }) => void;
}

/** Key of the members that the index does not export: they are for this folder alone. */
export const internals: unique symbol = Symbol("internals");

/** A handle that all functions take. One per CA and process, so that nonces and the directory are shared. */
export interface AcmeClient {
  readonly directoryUrl: string;
  readonly userAgent: string;
  readonly [internals]: ClientInternals;
}

export interface ClientInternals {
  readonly fetch: AcmeFetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly requestTimeoutMs: number;
  readonly onRequest: (request: { method: string; url: string }) => void;
  readonly nonces: NoncePool;
  readonly semaphore: Semaphore;
  readonly directory: DirectoryCache;
  readonly operation: Operation;
}

/** What the requests of one operation have in common. */
export interface Operation extends NonceCount {
  /** The CA's last word that it wants to be left alone for a while. */
  refusal?: AcmeProblemError;
  /** Why nothing more is asked. */
  gaveUp?: AcmeProblemError;
}

/** Kept as long as the client: RFC 8555 has no rule for how long a directory is valid. */
export interface DirectoryCache {
  value?: Directory;
  /** The fetch that is under way, and what may abort it. */
  pending?: { readonly directory: Promise<Directory>; readonly signal: AbortSignal | undefined };
}

/** Given to every function that talks to the CA. */
export interface AcmeRequestOptions {
  /** Stops what is under way; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Sends nothing yet.
 *
 * @throws {@link ConfigurationError} for an invalid directory URL
 */
export function createAcmeClient(options: AcmeClientOptions): AcmeClient {
  const { directoryUrl, userAgent, fetch, now = Date.now, random = Math.random } = options;
  const { maxConcurrent = DEFAULT_CONCURRENT, requestTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  checkDirectoryUrl(directoryUrl);
  return {
    directoryUrl,
    userAgent,
    [internals]: {
      fetch,
      now,
      random,
      requestTimeoutMs,
      onRequest: options.onRequest ?? ((): void => undefined),
      // Every request under way will bring a nonce back; a smaller pool would throw some away.
      nonces: createNoncePool(Math.max(MIN_NONCES, maxConcurrent), now),
      semaphore: createSemaphore(maxConcurrent),
      directory: {},
      operation: { badNonces: 0 },
    },
  };
}

/** The same client for one operation, which has limits of its own. */
export function forOperation(client: AcmeClient): AcmeClient {
  return { ...client, [internals]: { ...client[internals], operation: { badNonces: 0 } } };
}
