/** The TLS settings of a site. Pure. */
import type { NginxHsts, NginxTls } from "./config";
import { isStated, type Statement } from "./raw";
import { directive, word, type Lines } from "./syntax";
import { maxAgeSeconds } from "./max-age";

/** Forward secrecy and authenticated encryption alone; TLS 1.3 has a list of its own. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * @param zone - name of the session cache's zone.
 * @param stated - the user's own statements in the same block, which come before our defaults.
 */
export function tlsLines(tls: NginxTls, zone: string, stated: readonly Statement[]): Lines {
  const keys = listOf(tls.certificateKey);
  const certificates = listOf(tls.certificate).flatMap((certificate, index) => [
    directive("ssl_certificate", word(certificate)),
    directive("ssl_certificate_key", word(keys[index] ?? "")),
  ]);
  const settings: readonly (readonly [name: string, given: unknown, value: string])[] = [
    ["ssl_protocols", tls.protocols, (tls.protocols ?? ["TLSv1.2", "TLSv1.3"]).join(" ")],
    ["ssl_ciphers", tls.ciphers, word(tls.ciphers ?? CIPHERS)],
    // Every cipher of the list is good: the client knows which is fastest for it.
    ["ssl_prefer_server_ciphers", undefined, "off"],
    ["ssl_session_cache", tls.sessionCache, tls.sessionCache ?? `shared:${zone}:1m`],
    ["ssl_session_timeout", undefined, "1d"],
    // nginx keeps one ticket key for as long as it runs: no forward secrecy.
    ["ssl_session_tickets", undefined, "off"],
  ];
  return [
    ...certificates,
    ...settings
      .filter(([name, given]) => given !== undefined || !isStated(stated, name))
      .map(([name, , value]) => directive(name, value)),
  ];
}

/** `always`: answers with an error status carry it, too (RFC 6797 §7.1 knows no exception). */
export function hstsLine(hsts: boolean | NginxHsts | undefined): string | undefined {
  if (hsts === undefined || hsts === false) return undefined;
  const { maxAge, includeSubDomains, preload } = hsts === true ? { maxAge: "365d" } : hsts;
  const value = [
    `max-age=${String(maxAgeSeconds(maxAge) ?? 0)}`,
    ...(includeSubDomains === true ? ["includeSubDomains"] : []),
    ...(preload === true ? ["preload"] : []),
  ].join("; ");
  return directive("add_header", "Strict-Transport-Security", `"${value}"`, "always");
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
