/** A question over HTTPS, for networks where port 53 is closed. @see RFC 8484 */
import { createFetch } from "../http/fetch";
import { readBytes } from "../util/body";
import { messageOf } from "../util/errors";
import { isReplyTo } from "./message";
import { type HttpsResolver, NoAnswer, UnusableReply } from "./server";

const TIMEOUT_MS = 5000;
/** What a length of two octets can say, as over TCP. */
const MAX_BYTES = 65_535;

/** One for all questions: it keeps its connections. */
let shared: ReturnType<typeof createFetch> | undefined;

/** @throws {@link NoAnswer} */
export async function exchangeHttps(
  server: HttpsResolver,
  query: Buffer,
  { signal, timeoutMs = TIMEOUT_MS }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<Buffer> {
  shared ??= createFetch({ env: process.env });
  const url = new URL(server.url);
  url.searchParams.set("dns", query.toString("base64url"));
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const { status, body } = await shared(url.href, {
      method: "GET",
      headers: { Accept: "application/dns-message" },
      signal: AbortSignal.any([signal, timeout]),
    });
    const reply = await readBytes(body, MAX_BYTES);
    if (status !== 200) throw new UnusableReply(server, `answers with status ${String(status)}`);
    if (reply === undefined || !isReplyTo(query, reply))
      throw new UnusableReply(server, "answers something else than DNS");
    return reply;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NoAnswer) throw error;
    const waited = `does not answer within ${String(timeoutMs / 1000)} s`;
    throw new NoAnswer(server, timeout.aborted ? waited : `fails: ${messageOf(error)}`);
  }
}
