/** Cloudflare's REST API: its envelope, its refusals and what to do about them. */
import { isRecord } from "../../../../util/json";
import { singleLine } from "../../../../util/text";
import { type Api, type ApiCall, type ApiReply, excerpt, withApi } from "../../../../http/json-api";
import type { Limit } from "../../../../http/pace";
import type { DnsProviderContext } from "../../provider";
import type { CloudflareArguments } from "./arguments";

const API_URL = "https://api.cloudflare.com/client/v4";
/** @see https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
const LIMIT: Limit = {
  calls: 1200,
  perMs: 5 * 60_000,
  words: "Cloudflare takes 1200 calls in five minutes from a user, whoever makes them",
};
/** "Invalid request headers". */
const BAD_HEADERS = 6003;

export const DNS_EDIT = "Zone → DNS → Edit";
export const ZONE_READ = "Zone → Zone → Read (or give zoneId)";

export interface CloudflareReply {
  readonly ok: boolean;
  readonly status: number;
  readonly codes: readonly number[];
  readonly words: string;
  readonly results: readonly Record<string, unknown>[];
  readonly totalPages: number;
}

export type CloudflareApi = (
  call: Pick<ApiCall, "method" | "body"> & { readonly path: string },
) => Promise<CloudflareReply>;

/** Runs `work` with the API of the arguments, at the pace of all who use the same token. */
export function withCloudflare<T>(
  options: CloudflareArguments,
  context: DnsProviderContext,
  work: (send: CloudflareApi) => Promise<T>,
): Promise<T> {
  const { apiToken } = options;
  const base = baseOf(options);
  const service = { service: "Cloudflare", credentials: [base, apiToken], limit: LIMIT };
  return withApi({ ...service, ...context }, (api: Api) =>
    work(async ({ method, path, body }) => {
      const headers = { Authorization: `Bearer ${apiToken}` };
      return toReply(await api.call({ method, url: `${base}${path}`, headers, body }));
    }),
  );
}

export function baseOf({ apiUrl = API_URL }: CloudflareArguments): string {
  return apiUrl.replace(/\/+$/, "");
}

function toReply({ status, json, text }: ApiReply): CloudflareReply {
  const envelope = isRecord(json) ? json : {};
  const errors = errorsOf(envelope["errors"]);
  const info = envelope["result_info"];
  const pages = isRecord(info) ? Number(info["total_pages"]) : 1;
  const words = errors.map(({ code, message }) =>
    singleLine(`${message} (code ${String(code)})`, 200),
  );
  return {
    ok: status < 300 && envelope["success"] === true,
    status,
    codes: errors.map(({ code }) => code),
    words: errors.length === 0 ? excerpt(text) : `: ${words.join(", ")}`,
    results: listOf(envelope["result"]),
    totalPages: Number.isFinite(pages) ? pages : 1,
  };
}

/** The errors, and those in their chains: there it stands which header or value is wrong. */
function errorsOf(value: unknown): { readonly code: number; readonly message: string }[] {
  return listOf(value).flatMap(({ code, message, error_chain }) => [
    { code: Number(code), message: String(message) },
    ...errorsOf(error_chain),
  ]);
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** @param what - what could not be done @param permission - that it needs */
export function refused(what: string, reply: CloudflareReply, permission: string): Error {
  const { status, words } = reply;
  const remedy = remedyFor(reply, permission);
  return new Error(`${what}: Cloudflare answers ${String(status)}${words}${remedy}`);
}

function remedyFor({ status, codes }: CloudflareReply, permission: string): string {
  if (status === 403) return `; the API token needs the permission ${permission}`;
  if (status === 401 || codes.includes(BAD_HEADERS)) {
    return "; apiToken must be an API token that is active (My Profile → API Tokens), not the global API key";
  }
  return "";
}
