/** The directory: where a CA's resources are, and what it says of itself. */
import { singleLine } from "../util/text";
import { get, type Answer } from "./exchange";
import { AcmeProtocolError, AcmeUnsupportedError } from "./errors";
import { asObject, optionalString, parseJson, strings } from "../util/json";
import { AcmeProblemError } from "./problems";
import type { AcmeRequestOptions, AcmeClient } from "./client";
import { handedOutUrl } from "./urls";

/** @see RFC 8555 §7.1.1, Directory */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert?: string;
  readonly keyChange?: string;
  /** @see RFC 9773 §4.1 */
  readonly renewalInfo?: string;
  readonly meta: DirectoryMeta;
}

export interface DirectoryMeta {
  /** Of any scheme. */
  readonly termsOfService?: string;
  readonly website?: string;
  /** The names by which a CAA record means this CA. */
  readonly caaIdentities: string[];
  readonly externalAccountRequired: boolean;
  /** Name → description, or a URL that describes. */
  readonly profiles: Record<string, string>;
  /** For dns-persist-01, draft -02. */
  readonly issuerDomainNames: string[];
  readonly accountHashPrefix?: string;
}

/** An endpoint that signed requests go to. */
export type Endpoint = "newAccount" | "newOrder" | "revokeCert" | "keyChange";

/** Kept as long as the server's handle: the RFC knows no rule for how long a directory is good. */
export interface DirectoryCache {
  value?: Directory;
  pending?: Promise<Directory>;
}

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
  const cache = client.directory;
  for (;;) {
    options.signal?.throwIfAborted();
    if (cache.value !== undefined) return cache.value;
    if (cache.pending === undefined) return await fetchInto(cache, client, options.signal);
    try {
      return await abortable(cache.pending, options.signal);
    } catch (error) {
      // Whoever fetched may have been stopped; that must not stop those who waited for the same answer.
      if (!isAbort(error) || options.signal?.aborted === true) throw error;
    }
  }
}

async function fetchInto(
  cache: DirectoryCache,
  client: AcmeClient,
  signal: AbortSignal | undefined,
): Promise<Directory> {
  const pending = fetchDirectory(client, signal).catch((error: unknown) => {
    throw signal?.aborted === true ? new Aborted("aborted", { cause: error }) : error;
  });
  cache.pending = pending;
  // Those who wait hear of it themselves.
  pending.catch(() => undefined);
  try {
    cache.value = await pending;
    return cache.value;
  } catch (error) {
    throw error instanceof Aborted ? error.cause : error;
  } finally {
    delete cache.pending;
  }
}

class Aborted extends Error {}

function isAbort(error: unknown): boolean {
  return error instanceof Aborted;
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", stop);
    });
  });
}

/** Forgets the directory: an endpoint that it names is gone. */
export function forgetDirectory(client: AcmeClient): void {
  delete client.directory.value;
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
    `acme: ${client.directoryUrl} does not support ${WORDS[endpoint]} (its directory has no ${endpoint})`,
    client.directoryUrl,
  );
}

const WORDS: Record<Endpoint, string> = {
  newAccount: "accounts",
  newOrder: "orders",
  revokeCert: "revocation",
  keyChange: "key rollover",
};

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

/**
 * Reads a directory. Unknown members, and known ones of a wrong type, count as absent: RFC 8555 §7.1.1 lets CAs add
 * their own, and Let's Encrypt adds a random one on purpose.
 *
 * @param url - as configured
 * @throws {@link AcmeProtocolError}
 */
export function parseDirectory(
  url: string,
  answer: Pick<Answer, "url" | "text" | "headers">,
): Directory {
  const object = asObject(parseJson(answer.text));
  if (object === undefined) {
    const type = answer.headers.get("content-type")?.split(";")[0] ?? "something";
    throw notADirectory(url, `it answered ${singleLine(type, 60)}, not a JSON object`);
  }
  const endpoint = (member: string): string | undefined => {
    const value = optionalString(object, member);
    return value === undefined ? undefined : handedOutUrl(`directory ${url}`, value, answer.url);
  };
  const required = (member: string): string => {
    const value = endpoint(member);
    if (value !== undefined) return value;
    const old = "new-reg" in object ? " (it speaks the version of ACME before RFC 8555)" : "";
    throw notADirectory(url, `it has no ${member}${old}`);
  };
  const revokeCert = endpoint("revokeCert");
  const keyChange = endpoint("keyChange");
  const renewalInfo = endpoint("renewalInfo");
  return {
    newNonce: required("newNonce"),
    newAccount: required("newAccount"),
    newOrder: required("newOrder"),
    ...(revokeCert === undefined ? {} : { revokeCert }),
    ...(keyChange === undefined ? {} : { keyChange }),
    ...(renewalInfo === undefined ? {} : { renewalInfo }),
    meta: parseMeta(asObject(object["meta"]) ?? {}),
  };
}

function parseMeta(meta: Record<string, unknown>): DirectoryMeta {
  const termsOfService = optionalString(meta, "termsOfService");
  const website = optionalString(meta, "website");
  const accountHashPrefix = optionalString(meta, "accountHashPrefix");
  const profiles = Object.entries(asObject(meta["profiles"]) ?? {}).map(
    ([name, description]): [string, string] => [
      name,
      typeof description === "string" ? description : "",
    ],
  );
  return {
    ...(termsOfService === undefined ? {} : { termsOfService }),
    ...(website === undefined ? {} : { website }),
    caaIdentities: strings(meta, "caaIdentities"),
    externalAccountRequired: meta["externalAccountRequired"] === true,
    profiles: Object.fromEntries(profiles),
    issuerDomainNames: strings(meta, "issuerDomainNames"),
    ...(accountHashPrefix === undefined ? {} : { accountHashPrefix }),
  };
}

function notADirectory(url: string, reason: string): AcmeProtocolError {
  return new AcmeProtocolError(
    `acme: ${url} is not an ACME directory: ${reason}; check the directory URL`,
    url,
  );
}
