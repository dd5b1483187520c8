/** Sorts the requests of one order: what was needed, and what was only asking once more. */
import type { Sent } from "./contestant";

export interface RequestCount {
  /** All that is not in the other two: directory, orders, authorizations and challenges, the first poll of each, download. */
  readonly needed: number;
  /** HEAD (or GET) of newNonce. */
  readonly nonces: number;
  /** Polls after the first of an order, an authorization or a challenge. */
  readonly laterPolls: number;
}

/** By Pebble's paths; only for runs without refused nonces, where a URL that comes again is a poll. */
export function countRequests(sent: readonly Sent[]): RequestCount {
  const nonces = sent.filter(({ method }) => method === "HEAD").length;
  const posts = new Map<string, number>();
  for (const { method, url } of sent) {
    if (method === "POST") posts.set(url, (posts.get(url) ?? 0) + 1);
  }
  let laterPolls = 0;
  for (const [url, times] of posts) laterPolls += Math.max(0, times - expected(url));
  return { needed: sent.length - nonces - laterPolls, nonces, laterPolls };
}

/** How often a URL is asked when the first poll finds what it looks for. */
function expected(url: string): number {
  const { pathname } = new URL(url);
  // An authorization is fetched, then polled; or else its challenge is answered, then polled.
  if (/^\/(authZ|chalZ)\//.test(pathname)) return 2;
  return 1;
}
