/** What Cloudflare's API answers: its envelope and its refusals. Pure. */
import { type ApiReply, excerpt } from "../../../../http/json-api";
import type { RefusalReason } from "../../../../http/rest-service";
import { isRecord, objects } from "../../../../util/json";
import { singleLine } from "../../../../util/text";
import type { Page } from "../../services/over-rest";

/** `undefined` for a reply that is none. */
export function refusalIn({ status, json, text }: ApiReply): RefusalReason | undefined {
  const envelope = isRecord(json) ? json : {};
  if (status < 300 && envelope["success"] === true) return undefined;
  const errors = errorsOf(envelope);
  const words = errors.map(({ code, message }) =>
    singleLine(`${message} (code ${String(code)})`, 200),
  );
  return {
    words: errors.length === 0 ? excerpt(text) : `: ${words.join(", ")}`,
    codes: errors.map(({ code }) => code),
  };
}

/** The errors, and those in their chains: there it stands which header or value is wrong. */
function errorsOf(
  envelope: Record<string, unknown>,
): { readonly code: number; readonly message: string }[] {
  return objects(envelope, "errors")
    .flatMap((error) => [error, ...objects(error, "error_chain")])
    .map(({ code, message }) => ({ code: Number(code), message: String(message) }));
}

export function pageIn({ json }: ApiReply, page: number): Page<Record<string, unknown>> {
  const envelope = isRecord(json) ? json : {};
  const info = envelope["result_info"];
  const pages = isRecord(info) ? Number(info["total_pages"]) : 1;
  return { items: objects(envelope, "result"), isLast: !(page < pages) };
}
