/** Calls to web services that speak JSON: bounded in size and time, repeated while the service is busy. */
import { createFetch, type Fetch } from "./fetch";
import { type Attempt, type CallContext, type Limit, paceFor } from "./pace";
import { readText } from "../util/body";
import { messageOf } from "../util/errors";
import { parseJson } from "../util/json";
import { parseRetryAfter } from "../util/retry-after";
import { singleLine } from "../util/text";

export interface ApiCall {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as a form. */
  readonly body?: unknown;
}

export interface ApiReply {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; `undefined` if it is not JSON. */
  readonly json: unknown;
  /** The cookies that it sets. */
  readonly setCookie?: string;
}

export interface Api {
  /**
   * Sends the call. Repeats it while the service answers 429 or 5xx, or does not answer.
   *
   * @throws Error saying what it answered last
   */
  call(request: ApiCall): Promise<ApiReply>;
}

export interface ApiOptions extends CallContext {
  /** All calls of this process with the same ones keep one pace. */
  readonly credentials: readonly (string | undefined)[];
  /** What tells apart who calls: one pace for each. Default: `credentials`. */
  readonly account?: readonly unknown[];
  readonly limit?: Limit;
  /** Statuses beside 429 and 5xx that mean "later". */
  readonly busy?: readonly number[];
}

const REQUEST_MS = 30_000;
const MAX_BODY = 4 * 1024 * 1024;

/** Runs `work`, and closes its connections afterwards; proxies are taken from the environment. */
export async function withApi<T>(options: ApiOptions, work: (api: Api) => Promise<T>): Promise<T> {
  const pace = paceFor(options.service, options.account ?? options.credentials, options.limit);
  const fetch = createFetch({ env: process.env });
  try {
    return await work({
      call: (request) => pace.call(() => attempt(fetch, request, options), options),
    });
  } finally {
    await fetch.close();
  }
}

async function attempt(
  fetch: Fetch,
  request: ApiCall,
  { service, signal, credentials, busy = [] }: ApiOptions,
): Promise<Attempt<ApiReply>> {
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: {
        Accept: "application/json",
        ...typeOf(request.body),
        ...request.headers,
      },
      body: textOf(request.body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    const body = await readText(response.body, MAX_BODY);
    if (body === undefined) throw new Error("the answer is larger than 4 MiB");
    const { status, headers } = response;
    const text = status < 300 ? body : withoutCredentials(body, credentials);
    const setCookie = headers.get("set-cookie") ?? undefined;
    if (!isBusy(status) && !busy.includes(status))
      return { result: { status, text, json: parseJson(text), setCookie } };
    const now = Date.now();
    const at = parseRetryAfter(headers.get("retry-after"), headers.get("date"), now);
    return {
      failure: `answers ${String(status)}${excerpt(text)}`,
      limited: status === 429,
      waitMs: at === undefined ? undefined : Math.max(0, at - now),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (wasNeverSent(error)) {
      throw new Error(`the call to ${service} was not sent: ${messageOf(error)}`, { cause: error });
    }
    return { failure: `cannot be reached: ${singleLine(messageOf(error))}` };
  }
}

function typeOf(body: unknown): Record<string, string> {
  if (body === undefined) return {};
  const type = body instanceof URLSearchParams ? "x-www-form-urlencoded" : "json";
  return { "Content-Type": `application/${type}` };
}

function textOf(body: unknown): string | undefined {
  if (body === undefined) return undefined;
  return body instanceof URLSearchParams ? body.toString() : JSON.stringify(body);
}

/** undici refuses what cannot be a header before it connects. Its message names the header, and not the value. */
function wasNeverSent(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return code === "UND_ERR_INVALID_ARG" || (cause instanceof Error && wasNeverSent(cause));
}

/** Shorter ones stand everywhere by chance. */
const MIN_CREDENTIAL = 6;

/** What a service says, where it repeats what it was sent. */
export function withoutCredentials(
  text: string,
  credentials: readonly (string | undefined)[],
): string {
  return credentials
    .filter((credential = "") => credential.length >= MIN_CREDENTIAL)
    .reduce<string>((shown, credential = "") => shown.replaceAll(credential, "[secret]"), text);
}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
}

/** The beginning of an answer, for a message: `: …`; empty for an empty body. */
export function excerpt(text: string): string {
  const line = singleLine(text, 200);
  return line === "" ? "" : `: ${line}`;
}
