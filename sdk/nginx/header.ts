/** Headers that a server adds to its answers. Pure. */
import type { NginxHsts, NginxListen } from "./config";
import { maxAgeSeconds } from "./max-age";
import { isStated, type Statement } from "./raw";
import { directive, type Lines } from "./syntax";

export interface Header {
  readonly name: string;
  /** Its `add_header`. */
  readonly line: string;
}

/** `always`: answers with an error status carry it, too (RFC 6797 §7.1 knows no exception). */
export function hstsHeaders(hsts: boolean | NginxHsts | undefined): Header[] {
  if (hsts === undefined || hsts === false) return [];
  const { maxAge, includeSubDomains, preload } = hsts === true ? { maxAge: "365d" } : hsts;
  const value = [
    `max-age=${String(maxAgeSeconds(maxAge) ?? 0)}`,
    ...(includeSubDomains === true ? ["includeSubDomains"] : []),
    ...(preload === true ? ["preload"] : []),
  ].join("; ");
  const name = "Strict-Transport-Security";
  return [{ name, line: directive("add_header", name, `"${value}"`, "always") }];
}

/** How long browsers remember that there is HTTP/3: a day. */
const ALT_SVC_SECONDS = 86_400;

/** Tells browsers of HTTP/3 (RFC 7838, RFC 9114 §3.1.1). */
export function http3Header({ https = 443 }: NginxListen): Header {
  const value = `h3=":${String(https)}"; ma=${String(ALT_SVC_SECONDS)}`;
  return { name: "Alt-Svc", line: directive("add_header", "Alt-Svc", `'${value}'`, "always") };
}

/** Those that the user does not write himself. */
export function unstated(headers: readonly Header[], stated: readonly Statement[]): Header[] {
  return headers.filter(({ name }) => !isStated(stated, "add_header", name));
}

/** nginx drops all headers of the block around as soon as a location adds one of its own: they are repeated there. */
export function repeatedHeaders(headers: readonly Header[], stated: readonly Statement[]): Lines {
  if (!isStated(stated, "add_header")) return [];
  return unstated(headers, stated).map(({ line }) => line);
}
