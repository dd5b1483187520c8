/** ACME Renewal Information: when a CA wants a certificate renewed. */
import { singleLine } from "../util/text";
import { retryAtOf } from "./answer";
import { getDirectory } from "./directory";
import { get } from "./exchange";
import { asObject, optionalString, parseJson } from "../util/json";
import { AcmeProblemError } from "./problems";
import { internals, type AcmeClient, type AcmeRequestOptions } from "./client";

const MIN_RETRY_MS = 60_000;
const MAX_RETRY_MS = 24 * 3_600_000;
const DEFAULT_RETRY_MS = 6 * 3_600_000;

export interface RenewalInfo {
  /** Wholly in the past: renew now. Absent where the CA failed, or its answer cannot be used. */
  readonly window?: { readonly start: Date; readonly end: Date };
  /** A page that says why, for the operator. */
  readonly explanationUrl?: string;
  /** When to ask again, in epoch milliseconds: between one minute and one day from now; six hours if the CA says nothing. */
  readonly retryAfterAt: number;
}

/**
 * The certificate's identifier for renewal information, and for `replaces`.
 *
 * @param authorityKeyIdentifier - the octets of the extension's `keyIdentifier`
 * @param serialNumberDerContent - the content octets of the serial number's DER INTEGER, with the leading `00` that
 * DER has before a set top bit. Many libraries drop it.
 * @see RFC 9773 §4.1, The "renewalInfo" Resource
 */
export function certId(
  authorityKeyIdentifier: Uint8Array,
  serialNumberDerContent: Uint8Array,
): string {
  const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  return `${encode(authorityKeyIdentifier)}.${encode(serialNumberDerContent)}`;
}

/**
 * What the CA suggests for one certificate.
 *
 * Renewal information is advice: RFC 9773 §4.3.3 lets clients go on without it. So every failure says only when to ask
 * again; only the signal makes it throw.
 *
 * @returns `undefined` if the CA has no renewal information, or none for this certificate yet
 * @see RFC 9773 §4.2, RenewalInfo Objects; §4.3.3 for failures
 */
export async function getRenewalInfo(
  client: AcmeClient,
  certificateId: string,
  options: AcmeRequestOptions = {},
): Promise<RenewalInfo | undefined> {
  const { now } = client[internals];
  try {
    const { renewalInfo } = await getDirectory(client, options);
    if (renewalInfo === undefined) return undefined;
    const url = `${renewalInfo.replace(/\/$/, "")}/${certificateId}`;
    const answer = await get(client, "renewal information", url, options.signal, "unless-told");
    return {
      ...parseRenewalInfo(answer.text),
      retryAfterAt: boundedRetry(retryAtOf(answer, now()), now()),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    const { retryAt, status } = error instanceof AcmeProblemError ? error : {};
    // A CA may learn of a certificate a little later than it issues it.
    if (status === 404 && retryAt === undefined) return undefined;
    return { retryAfterAt: boundedRetry(retryAt, now()) };
  }
}

function boundedRetry(retryAt: number | undefined, now: number): number {
  const waitMs = (retryAt ?? now + DEFAULT_RETRY_MS) - now;
  return now + Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, waitMs));
}

/** Nothing for an invalid window. RFC 9773 §4.2: one that does not end after its start counts as no answer. */
function parseRenewalInfo(text: string): Pick<RenewalInfo, "window" | "explanationUrl"> {
  const object = asObject(parseJson(text)) ?? {};
  const suggested = asObject(object["suggestedWindow"]) ?? {};
  const start = parseInstant(optionalString(suggested, "start"));
  const end = parseInstant(optionalString(suggested, "end"));
  if (start === undefined || end === undefined || end <= start) return {};
  const explanationUrl = optionalString(object, "explanationURL");
  return {
    window: { start: new Date(start), end: new Date(end) },
    explanationUrl: explanationUrl && singleLine(explanationUrl),
  };
}

/** RFC 3339 only: `Date.parse` accepts much more. */
function parseInstant(text: string | undefined): number | undefined {
  if (
    text === undefined ||
    !/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text)
  ) {
    return undefined;
  }
  const at = Date.parse(text.replace(" ", "T").toUpperCase());
  return Number.isNaN(at) ? undefined : at;
}
