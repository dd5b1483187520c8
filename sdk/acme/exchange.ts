/** One request and its answer: headers, deadline, size limit. No repetition here. */
import { withDeadline, delay } from "../util/abort";
import { TimeoutError } from "../util/errors";
import { parseRetryAfter } from "../util/retry-after";
import { AcmeConnectionError, AcmeProtocolError } from "./errors";
import type { AcmeClient, AcmeResponse } from "./client";
import { linkTargets } from "./links";
import { validNonce } from "./nonces";
import { AcmeProblemError, parseProblem, type Problem } from "./problems";
import { noTries, waitBeforeRetry } from "./retry";
import { handedOutUrl } from "./urls";

export interface Exchange {
  /** For messages: "order for example.com". */
  readonly what: string;
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  readonly accept?: string;
  /** A JWS. */
  readonly body?: string;
}

/** A response that has been read to its end. */
export interface Answer {
  /** The URL that answered. */
  readonly url: string;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
  readonly nonce: string | undefined;
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
  client.onRequest({ method: request.method, url: request.url });
  const what = `acme: ${request.what}: ${request.method} ${request.url}`;
  try {
    return await withDeadline(what, client.requestTimeoutMs, signal, async (deadline) => {
      const response = await client.fetch(request.url, {
        method: request.method,
        headers: headersFor(client, request),
        ...(request.body === undefined ? {} : { body: request.body }),
        signal: deadline,
      });
      return {
        url: request.url,
        status: response.status,
        headers: response.headers,
        text: await readText(response, request),
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
    // RFC 8555 §7.2 forbids caching of nonces; proxies between us have no business with the rest either.
    ...(request.method === "POST" ? {} : { "cache-control": "no-store" }),
    ...(request.body === undefined ? {} : { "content-type": "application/jose+json" }),
  };
}

async function readText(response: AcmeResponse, request: Exchange): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_BODY) {
      throw new AcmeProtocolError(
        `acme: ${request.what}: the answer of ${request.url} is larger than 1 MiB`,
        request.url,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The error that an answer with a failure status stands for. */
export function problemErrorOf(
  client: AcmeClient,
  what: string,
  answer: Answer,
  hint?: (problem: Problem) => string | undefined,
): AcmeProblemError {
  const problem = parseProblem(answer.status, answer.text);
  const links = answer.headers.get("link");
  return new AcmeProblemError(what, problem, {
    status: answer.status,
    url: answer.url,
    retryAt: retryAtOf(client, answer) ?? retryAtInWords(problem.detail),
    termsOfServiceUrl: linkTargets(links, "terms-of-service")[0],
    helpUrl: linkTargets(links, "help")[0],
    location: answer.headers.get("location") ?? undefined,
    hint: hint?.(problem),
  });
}

/** The instant of the `Retry-After` header, in epoch milliseconds. */
export function retryAtOf(client: AcmeClient, answer: Answer): number | undefined {
  return parseRetryAfter(
    answer.headers.get("retry-after"),
    answer.headers.get("date"),
    client.now(),
  );
}

/** Let's Encrypt's "retry after 2026-01-02 03:04:05 UTC", for answers whose header a gateway has dropped. */
function retryAtInWords(detail: string | undefined): number | undefined {
  const [, date, time] =
    /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?(?:UTC|Z)/i.exec(detail ?? "") ?? [];
  if (date === undefined || time === undefined) return undefined;
  const at = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(at) ? undefined : at;
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
): Promise<Answer> {
  const tries = noTries();
  for (;;) {
    try {
      const answer = await client.slots.run(signal, () => followed(client, what, url, signal));
      if (answer.nonce !== undefined) {
        client.nonces.put(client.nonces.receive(answer.nonce));
      }
      if (answer.status >= 400) throw problemErrorOf(client, what, answer);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      const waitMs = waitBeforeRetry(error, "repeatable", tries, client.now(), client.random);
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

/** Far more than any directory, order of 100 names, or chain needs. */
const MAX_BODY = 1024 * 1024;
const MAX_REDIRECTS = 3;
