/** The directory: fetched once per client, and looked up for endpoints. */
import { unlessAborted } from "../util/abort";
import { internals, type AcmeClient, type AcmeRequestOptions } from "./client";
import { notADirectory, parseDirectory, type Directory, type Endpoint } from "./directory-object";
import { AcmeUnsupportedError } from "./errors";
import { get } from "./exchange";
import { AcmeProblemError } from "./problems";

const ENDPOINT_NAMES: Record<Endpoint, string> = {
  newAccount: "accounts",
  newOrder: "orders",
  revokeCert: "revocation",
  keyChange: "key rollover",
};

/**
 * The CA's directory, fetched once.
 *
 * @throws {@link AcmeProtocolError} if what answers is no ACME directory; {@link AcmeConnectionError};
 * {@link AcmeProblemError} if the CA is out of order
 */
export async function getDirectory(
  client: AcmeClient,
  options: AcmeRequestOptions = {},
): Promise<Directory> {
  const cache = client[internals].directory;
  for (;;) {
    options.signal?.throwIfAborted();
    if (cache.value !== undefined) return cache.value;
    const { pending } = cache;
    if (pending === undefined) return await fetchIntoCache(client, options.signal);
    try {
      return await unlessAborted(options.signal, pending.directory);
    } catch (error) {
      // The caller who fetched was aborted, the others who waited for the same answer were not.
      if (pending.signal?.aborted !== true || options.signal?.aborted === true) throw error;
    }
  }
}

async function fetchIntoCache(
  client: AcmeClient,
  signal: AbortSignal | undefined,
): Promise<Directory> {
  const cache = client[internals].directory;
  const directory = fetchDirectory(client, signal);
  cache.pending = { directory, signal };
  try {
    cache.value = await directory;
    return cache.value;
  } finally {
    delete cache.pending;
  }
}

async function fetchDirectory(
  client: AcmeClient,
  signal: AbortSignal | undefined,
): Promise<Directory> {
  const url = client.directoryUrl;
  try {
    return parseDirectory(url, await get(client, `directory ${url}`, url, signal));
  } catch (error) {
    // A CA that is out of order, or that asks for patience, is still a CA.
    if (!(error instanceof AcmeProblemError) || error.status >= 500 || error.status === 429) {
      throw error;
    }
    throw notADirectory(url, `it answered HTTP ${String(error.status)}`);
  }
}

/** Forgets the directory: an endpoint that it names is gone. */
export function forgetDirectory(client: AcmeClient): void {
  delete client[internals].directory.value;
}

/** @throws {@link AcmeUnsupportedError} if the CA does not have it */
export async function endpointUrl(
  client: AcmeClient,
  endpoint: Endpoint,
  options: AcmeRequestOptions,
): Promise<string> {
  const url = (await getDirectory(client, options))[endpoint];
  if (url !== undefined) return url;
  throw new AcmeUnsupportedError(
    `acme: ${client.directoryUrl} does not support ${ENDPOINT_NAMES[endpoint]} (its directory has no ${endpoint})`,
    client.directoryUrl,
  );
}
