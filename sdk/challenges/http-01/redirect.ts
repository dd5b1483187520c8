/** Where a CA follows a redirect to. Pure. @see CA/Browser Forum Baseline Requirements §3.2.2.4.19; Boulder, va/http.go */
import { isIP } from "node:net";

import { normalizeHost } from "../../util/host-name";
import { singleLine } from "../../util/text";
import { ProbeFailure } from "../preflight/probe";

export interface Redirect {
  readonly status: number;
  readonly location: string;
}

/** 303 is one, too, though CAs do not follow it. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Names below them are not in the public DNS. @see RFC 6761, RFC 6762, RFC 7686, RFC 9476 */
const PRIVATE_DOMAINS = new Set(
  "alt arpa corp example home internal invalid lan local localhost mail onion test".split(" "),
);

/**
 * The URL to ask next.
 *
 * @throws {@link ProbeFailure} evident where no CA goes; otherwise where public CAs do not go, and private ones may: it
 * is not asked there, because whoever redirects could lead this machine to places that only it can reach
 */
export function redirectTarget(
  from: URL,
  { status, location }: Redirect,
  allowed: { readonly first: string; readonly ports: readonly number[] },
): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (to === undefined || !["http:", "https:"].includes(to.protocol)) {
    throw new ProbeFailure(`${from.href} redirects to something else than http or https`, true);
  }
  const words = `${from.href} redirects to ${singleLine(to.href, 200)}`;
  if (status === 303) {
    throw new ProbeFailure(
      `${words} with status 303, which CAs do not follow: use 301, 302, 307 or 308`,
      true,
    );
  }
  const objection = objectionTo(to, new URL(allowed.first), allowed.ports);
  if (objection === undefined) return to;
  throw new ProbeFailure(`${words}, ${objection}; it was not followed here`, false);
}

function objectionTo(to: URL, first: URL, ports: readonly number[]): string | undefined {
  const port = to.port === "" ? (to.protocol === "https:" ? 443 : 80) : Number(to.port);
  if (!ports.includes(port)) return `and public CAs ask ports 80 and 443 only`;
  const host = normalizeHost(to.hostname);
  if (host === normalizeHost(first.hostname)) return undefined;
  if (isIP(host) !== 0) return "and public CAs follow to names only, not to addresses";
  const suffix = suffixOf(host);
  // Who certifies private names is a private CA, which follows to others of them.
  const follows = !PRIVATE_DOMAINS.has(suffix) || suffix === suffixOf(first.hostname);
  return host.includes(".") && follows ? undefined : "a name that is not in the public DNS";
}

function suffixOf(host: string): string {
  return normalizeHost(host).split(".").at(-1) ?? "";
}
