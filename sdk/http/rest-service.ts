/** REST services that speak JSON: calls by path, refusals as errors with what to do about them. */
import { singleLine } from "../util/text";
import { isRecord } from "../util/json";
import { type ApiCall, type ApiReply, excerpt, withApi, withoutCredentials } from "./json-api";
import type { CallContext, Limit } from "./pace";
import { withoutTrailingSlashes } from "./url";

export interface RestOptions {
  /** For messages: "DigitalOcean". */
  readonly service: string;
  readonly apiUrl: string;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Never shown. */
  readonly credentials: readonly string[];
  /** Of whoever calls: all of this process with the same one keep one pace. Default: the credentials. */
  readonly account?: readonly unknown[];
  readonly limit?: Limit;
  /** Statuses beside 429 and 5xx that mean "later". */
  readonly busy?: readonly number[];
  /** What the service gives as reason where it refuses; `undefined` for what is none. Default: by the status. */
  readonly refusalIn?: (reply: ApiReply) => RefusalReason | undefined;
  /** What to do about a refusal, by its code or its status. */
  readonly remedies: Readonly<Record<string, string>>;
}

export interface RefusalReason {
  /** One line: ": Record does not exist". */
  readonly words: string;
  /** The service's own, beside the status. */
  readonly codes?: readonly (string | number)[];
}

/** A service has answered, and has not done what it was asked for. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** Those of the service. */
    readonly codes: readonly string[] = [],
  ) {
    super(message);
  }
}

/** @throws {@link Refusal} where the service refuses, Error where it does not answer */
export type Rest = (
  method: ApiCall["method"],
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<ApiReply>;

/** Runs `work` with the calls of a service. */
export function withRest<T>(
  options: RestOptions,
  context: Omit<CallContext, "service">,
  work: (rest: Rest) => Promise<T>,
): Promise<T> {
  const {
    service,
    credentials,
    account = credentials,
    limit,
    busy,
    refusalIn = refusalByStatus,
  } = options;
  const base = withoutTrailingSlashes(options.apiUrl);
  const { signal, progress } = context;
  const pace = { service, credentials, account: [base, ...account], limit, busy, signal, progress };
  return withApi(pace, (api) =>
    work(async (method, path, body, more) => {
      const headers = { ...options.headers, ...more };
      const reply = await api.call({ method, url: `${base}${path}`, headers, body });
      const reason = refusalIn(reply);
      if (reason === undefined) return reply;
      const { status } = reply;
      const codes = (reason.codes ?? []).map(String);
      const [remedy] = [...codes, String(status)].flatMap((code) => options.remedies[code] ?? []);
      const message = `${service} answers ${String(status)}${reason.words}${remedy === undefined ? "" : `; ${remedy}`}`;
      throw new Refusal(withoutCredentials(message, credentials), status, codes);
    }),
  );
}

/** What `call` gives; `undefined` where the service refuses with one of `codes`, by which it knows no such thing. */
export async function unlessMissing<T>(
  call: Promise<T>,
  codes: readonly string[] = ["404"],
): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const said = error instanceof Refusal ? [String(error.status), ...error.codes] : [];
    if (said.some((code) => codes.includes(code))) return undefined;
    throw error;
  }
}

/** A path of `segments` that come from outside. "@", by which services call the zone itself, may stand in it: RFC 3986 §3.3. */
export function pathOf(...segments: readonly (string | number)[]): string {
  return segments
    .map((segment) => `/${encodeURIComponent(segment).replaceAll("%40", "@")}`)
    .join("");
}

/** What a reply refuses by its status, or by not being JSON at all: the default of {@link RestOptions.refusalIn}. */
export function refusalByStatus({ status, json, text }: ApiReply): RefusalReason | undefined {
  if (status < 300 && (json !== undefined || text.trim() === "")) return undefined;
  const said = singleLine([...new Set(reasonsIn(json))].join(", "), 300);
  return { words: said === "" ? excerpt(text) : `: ${said}` };
}

/** The members in which services say why. */
const REASONS = ["errors", "error", "message", "detail", "reason", "cause"];

/** Deeper than any service writes. */
const MAX_DEPTH = 5;

/** The texts of an answer that are meant for people. */
export function reasonsIn(json: unknown, depth = 0): string[] {
  if (typeof json === "string") return [json];
  if (depth === MAX_DEPTH) return [];
  if (Array.isArray(json)) return json.flatMap((item) => reasonsIn(item, depth + 1));
  if (!isRecord(json)) return [];
  return REASONS.flatMap((name) => reasonsIn(json[name], depth + 1));
}
