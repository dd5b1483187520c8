/** Calls to web services of DNS providers: JSON, bounded, patient with a busy service. */
import { createFetch, type Fetch } from "./fetch";
import { delay } from "../util/abort";
import { type Backoff, backoffMs } from "../util/backoff";
import { messageOf } from "../util/errors";
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
  /** The body as JSON; `undefined` when it is none. */
  readonly json: unknown;
}

export interface Api {
  /**
   * Sends the call, again while the service answers 429 or 5xx or not at all; all other answers are the caller's.
   *
   * @throws Error saying what it answered, when it does so to the end
   */
  call(request: ApiCall): Promise<ApiReply>;
}

export interface ApiOptions {
  /** For messages: "Cloudflare". */
  readonly service: string;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

const TRIES = 5;
const BETWEEN_TRIES: Backoff = { initialMs: 500, factor: 2, maxMs: 10_000 };
/** A service that wants us to wait longer is told of, rather than waited for. */
const LONGEST_WAIT_MS = 60_000;
const REQUEST_MS = 30_000;
const BODY_LIMIT = 4 * 1024 * 1024;

/** Runs `work` with connections that are closed behind it; proxies are taken from the environment. */
export async function withApi<T>(options: ApiOptions, work: (api: Api) => Promise<T>): Promise<T> {
  const fetch = createFetch({ env: process.env });
  try {
    return await work({ call: (request) => patiently(fetch, request, options) });
  } finally {
    await fetch.close();
  }
}

async function patiently(fetch: Fetch, request: ApiCall, options: ApiOptions): Promise<ApiReply> {
  const { service, signal } = options;
  for (let tries = 1; ; tries++) {
    const result = await once(fetch, request, signal);
    if ("reply" in result && !isBusy(result.reply.status)) return result.reply;
    const wait = result.waitMs ?? backoffMs(BETWEEN_TRIES, tries - 1);
    const said =
      "reply" in result
        ? `answers ${String(result.reply.status)}${excerpt(result.reply.text)}`
        : `cannot be reached: ${result.failure}`;
    if (wait > LONGEST_WAIT_MS) {
      const seconds = String(Math.ceil(wait / 1000));
      throw new Error(`${service} ${said}, and wants to be asked again in ${seconds} s`);
    }
    if (tries === TRIES) {
      throw new Error(`${service} ${said}, ${String(TRIES)} times; try again later`);
    }
    options.progress(`${service} ${said}; asks again in ${String(Math.ceil(wait / 1000))} s`);
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
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    const text = await bodyOf(response.body);
    const reply = { status: response.status, text, json: jsonOf(text) };
    const { headers } = response;
    const now = Date.now();
    const at = parseRetryAfter(headers.get("retry-after"), headers.get("date"), now);
    return { reply, ...(at === undefined ? {} : { waitMs: Math.max(0, at - now) }) };
  } catch (error) {
    signal.throwIfAborted();
    return { failure: singleLine(messageOf(error)) };
  }
}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
}

async function bodyOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error("the answer is larger than 4 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `: "…"` of what a service answered; empty for an empty body. */
export function excerpt(text: string): string {
  const line = singleLine(text, 200);
  return line === "" ? "" : `: ${line}`;
}
