/** Calls to web services that speak JSON: bounded in size and time, repeated while the service is busy. */
import { createFetch, type Fetch } from "./fetch";
import { delay } from "../util/abort";
import { type Backoff, backoffMs } from "../util/backoff";
import { readText } from "../util/body";
import { messageOf } from "../util/errors";
import { parseJson } from "../util/json";
import { parseRetryAfter } from "../util/retry-after";
import { singleLine } from "../util/text";

export interface ApiCall {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface ApiReply {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; `undefined` if it is not JSON. */
  readonly json: unknown;
}

export interface Api {
  /**
   * Sends the call. Repeats it while the service answers 429 or 5xx, or does not answer.
   *
   * @throws Error saying what it answered last
   */
  call(request: ApiCall): Promise<ApiReply>;
}

export interface ApiOptions {
  /** For messages: "Cloudflare". */
  readonly service: string;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

const MAX_TRIES = 5;
const BETWEEN_TRIES: Backoff = { initialMs: 500, factor: 2, maxMs: 10_000 };
/** Where a service wants a longer wait, the call fails and says so. */
const MAX_WAIT_MS = 60_000;
const REQUEST_MS = 30_000;
const MAX_BODY = 4 * 1024 * 1024;

/** Runs `work`, and closes its connections afterwards; proxies are taken from the environment. */
export async function withApi<T>(options: ApiOptions, work: (api: Api) => Promise<T>): Promise<T> {
  const fetch = createFetch({ env: process.env });
  try {
    return await work({ call: (request) => callWithRetries(fetch, request, options) });
  } finally {
    await fetch.close();
  }
}

async function callWithRetries(
  fetch: Fetch,
  request: ApiCall,
  options: ApiOptions,
): Promise<ApiReply> {
  const { service, signal } = options;
  for (let tries = 1; ; tries++) {
    const result = await once(fetch, request, signal);
    if ("reply" in result && !isBusy(result.reply.status)) return result.reply;
    const wait = result.waitMs ?? backoffMs(BETWEEN_TRIES, tries - 1);
    const said =
      "reply" in result
        ? `answers ${String(result.reply.status)}${excerpt(result.reply.text)}`
        : `cannot be reached: ${result.failure}`;
    if (wait > MAX_WAIT_MS) {
      const seconds = String(Math.ceil(wait / 1000));
      throw new Error(`${service} ${said}, and wants the next request in ${seconds} s`);
    }
    if (tries === MAX_TRIES) {
      throw new Error(`${service} ${said}, ${String(MAX_TRIES)} times; try again later`);
    }
    options.progress(`${service} ${said}; next try in ${String(Math.ceil(wait / 1000))} s`);
    await delay(wait, signal);
  }
}

type Outcome = { readonly waitMs?: number } & (
  { readonly reply: ApiReply } | { readonly failure: string }
);

async function once(fetch: Fetch, request: ApiCall, signal: AbortSignal): Promise<Outcome> {
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: {
        Accept: "application/json",
        ...(request.body === undefined ? {} : { "Content-Type": "application/json" }),
        ...request.headers,
      },
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    const text = await readText(response.body, MAX_BODY);
    if (text === undefined) throw new Error("the answer is larger than 4 MiB");
    const reply = { status: response.status, text, json: parseJson(text) };
    const { headers } = response;
    const now = Date.now();
    const at = parseRetryAfter(headers.get("retry-after"), headers.get("date"), now);
    return { reply, waitMs: at === undefined ? undefined : Math.max(0, at - now) };
  } catch (error) {
    signal.throwIfAborted();
    return { failure: singleLine(messageOf(error)) };
  }
}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
}

/** The beginning of an answer, for a message: `: …`; empty for an empty body. */
export function excerpt(text: string): string {
  const line = singleLine(text, 200);
  return line === "" ? "" : `: ${line}`;
}
