/** A question over HTTPS, for networks where port 53 is closed. @see RFC 8484 */
import { createFetch } from "../http/fetch";
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
    const reply = await bytesOf(body);
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

/** `undefined` for more than a DNS message can be. */
async function bytesOf(body: AsyncIterable<Uint8Array> | null): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
