/** One request and its answer: headers, deadline, size limit. Only plain GETs are repeated and redirected. */
import { delay, withDeadline } from "../util/abort";
import { readText } from "../util/body";
import { TimeoutError } from "../util/errors";
import { problemErrorOf, type Answer } from "./answer";
import { internals, type AcmeClient, type AcmeResponse } from "./client";
import { AcmeConnectionError, AcmeProtocolError } from "./errors";
import { validNonce } from "./nonces";
import { noTries, waitBeforeRetry, type Repetition } from "./retry";
import { handedOutUrl } from "./urls";

/** Far more than any directory, order of 100 names, or chain needs. */
const MAX_BODY = 1024 * 1024;
const MAX_REDIRECTS = 3;

export interface Exchange {
  /** For messages: "order for example.com". */
  readonly what: string;
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  readonly accept?: string;
  /** A JWS. */
  readonly body?: string;
}

/**
 * Sends one request, and reads the answer whatever its status.
 *
 * @throws {@link AcmeConnectionError}, {@link TimeoutError}, {@link AcmeProtocolError} for too large an answer, or
 * the signal's reason
 */
export async function exchange(
  client: AcmeClient,
  request: Exchange,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  signal?.throwIfAborted();
  const { fetch, onRequest, requestTimeoutMs } = client[internals];
  onRequest({ method: request.method, url: request.url });
  const what = `acme: ${request.what}: ${request.method} ${request.url}`;
  try {
    return await withDeadline(what, requestTimeoutMs, signal, async (deadline) => {
      const response = await fetch(request.url, {
        method: request.method,
        headers: headersFor(client, request),
        body: request.body,
        signal: deadline,
      });
      return {
        url: request.url,
        status: response.status,
        headers: response.headers,
        text: await textOf(response, request),
        nonce: validNonce(response.headers.get("replay-nonce")),
      };
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    if (error instanceof TimeoutError || error instanceof AcmeProtocolError) throw error;
    throw new AcmeConnectionError(request.what, request.url, error);
  }
}

function headersFor(client: AcmeClient, request: Exchange): Record<string, string> {
  return {
    // RFC 8555 §6.1: "ACME clients MUST send a User-Agent header field", and SHOULD send Accept-Language.
    "user-agent": client.userAgent,
    "accept-language": "en",
    ...(request.accept === undefined ? {} : { accept: request.accept }),
    // RFC 8555 §7.2 forbids caching of nonces; a cached directory would be as wrong.
    ...(request.method === "POST" ? {} : { "cache-control": "no-store" }),
    ...(request.body === undefined ? {} : { "content-type": "application/jose+json" }),
  };
}

async function textOf(response: AcmeResponse, { what, url }: Exchange): Promise<string> {
  const text = await readText(response.body, MAX_BODY);
  if (text !== undefined) return text;
  throw new AcmeProtocolError(`acme: ${what}: the answer of ${url} is larger than 1 MiB`, url);
}

/**
 * A plain GET, repeated as the policy allows, following up to three redirects.
 *
 * @throws also {@link AcmeProblemError} for a failure status
 */
export async function get(
  client: AcmeClient,
  what: string,
  url: string,
  signal: AbortSignal | undefined,
  repetition: Repetition = "repeatable",
): Promise<Answer> {
  const { nonces, now, random, semaphore } = client[internals];
  const tries = noTries();
  for (;;) {
    try {
      const answer = await semaphore.run(signal, () => followed(client, what, url, signal));
      if (answer.nonce !== undefined) nonces.put(nonces.receive(answer.nonce));
      if (answer.status >= 400) throw problemErrorOf(what, answer, now());
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      const waitMs = waitBeforeRetry(error, repetition, tries, now(), random);
      if (waitMs === undefined) throw error;
      await delay(waitMs, signal);
    }
  }
}

async function followed(
  client: AcmeClient,
  what: string,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  let answer = await exchange(client, { what, method: "GET", url }, signal);
  for (let redirects = 0; answer.status >= 300 && answer.status < 400; redirects++) {
    const location = answer.headers.get("location");
    if (location === null || redirects === MAX_REDIRECTS) {
      const reason = location === null ? "leads nowhere" : "does not end";
      throw new AcmeProtocolError(`acme: ${what}: the redirect at ${url} ${reason}`, url);
    }
    const next = handedOutUrl(what, location, answer.url);
    answer = await exchange(client, { what, method: "GET", url: next }, signal);
  }
  return answer;
}
